package app_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// The example of docs/external-checks.md, as it stands there, judges a pull request.
func TestPythonExample(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no python3: install the package python3")
		}
		t.Skip("there is no python3: install the package python3 to run this test")
	}
	text, err := os.ReadFile("../../docs/external-checks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```python\n")
	program, _, ok := strings.Cut(rest, "```\n")
	if lines := strings.Count(strings.ReplaceAll(program, "\n\n", "\n"), "\n"); !ok || lines > 20 {
		t.Fatalf("the example has %d lines, want 20 at most", lines)
	}

	w := newWorld(t)
	script := filepath.Join(w.dir, "credit.py")
	w.must(os.WriteFile(script, []byte(program), 0o644))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	address := l.Addr().String()
	w.must(l.Close())
	_, port, _ := net.SplitHostPort(address)
	w.File = outsideFile(t, w.dir, "http://127.0.0.1:1", "http://"+address)
	check := exec.Command(python, script, port, filepath.Join(w.dir, "secret"))
	var said logbook
	check.Stderr = &said
	w.must(check.Start())
	t.Cleanup(func() {
		check.Process.Kill()
		check.Wait()
	})
	w.until("the check to listen", func() bool {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	w.start(app.Options{})
	w.create("acme/config", plans(map[string]string{"customers/acme/plan.yaml": "name: Acme\nlimit: 1\n"}))
	plan := func(limit string) map[string]string {
		return map[string]string{"customers/acme/plan.yaml": "name: Acme\nlimit: " + limit + "\n"}
	}
	if run := w.judged("acme/config", w.change("acme/config", "fine", plan("10"))); run.Conclusion != "success" {
		t.Errorf("%s: %s\n%s", run.Conclusion, shows(run), said.String())
	}
	run := w.judged("acme/config", w.change("acme/config", "jump", map[string]string{"customers/acme/plan.yaml": "name: Acme\n# more\nlimit: 11\n",
		"schemas/plan.schema.json": "{}"}))
	if got, want := annotationsText(run.Annotations), "customers/acme/plan.yaml:3: failure: the limit grows more than tenfold [credit/jump]\n\tfix: raise it in steps, or ask finance"; run.Conclusion != "failure" || got != want {
		t.Errorf("%s: %s\n%s", run.Conclusion, shows(run), said.String())
	}
}
