package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/golden"
)

// looked are the pages that a browser is shown.
var looked = []string{"/", "/deliveries", "/r/acme/config", "/r/acme/config?channel=branch/trial", "/r/acme/config/customer?name=acme", "/r/acme/config/customer?name=globex",
	"/r/acme/config/diff?name=acme&from=1&to=2", "/r/acme/config/value?name=acme&type=plan&at=/days", "/r/acme/unknown"}

// widths are those of a phone and of a desk, in pixels.
var widths = []int{360, 1100}

// judging shows each page in a frame, has axe judge it there, and writes down what that says and whether the page fits its frame.
const judging = `<!DOCTYPE html><html lang="en"><title>looked at</title><body><script>
(async () => {
  const all = [];
  for (const page of %s) for (const width of %s) {
    const frame = document.createElement('iframe');
    frame.width = width; frame.height = 900; frame.src = page;
    await new Promise(done => { frame.onload = done; document.body.append(frame); });
    const inside = frame.contentWindow, doc = frame.contentDocument;
    await new Promise(done => { const s = doc.createElement('script'); s.src = '/axe.js'; s.onload = done; doc.head.append(s); });
    const judged = await inside.axe.run(doc, {resultTypes: ['violations']});
    all.push({page, width, wide: doc.documentElement.scrollWidth, styled: inside.getComputedStyle(doc.body).margin === '0px', passed: judged.passes.length,
      violations: judged.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join('; '))});
    frame.remove();
  }
  document.body.innerHTML = '<pre id="judged"></pre>';
  document.getElementById('judged').textContent = JSON.stringify(all);
})();
</script>`

// In a browser: no page breaks a rule of axe's, in light and in dark, nor is any wider than the screen of a phone. TAMER_SCREENSHOTS names a
// directory for pictures of them.
func TestOperatorsPagesInABrowser(t *testing.T) {
	axe := golden.Fetched(t, "TAMER_AXE", "tools/axe/fetch")
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no Chromium is there; on Debian, apt-get install chromium")
	}
	w := shown(t)
	pages, err := json.Marshal(looked)
	w.must(err)
	sizes, err := json.Marshal(widths)
	w.must(err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /axe.js", func(out http.ResponseWriter, r *http.Request) { http.ServeFile(out, r, axe) })
	mux.HandleFunc("GET /judge", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(out, judging, pages, sizes)
	})
	mux.HandleFunc("/", func(out http.ResponseWriter, r *http.Request) { // the page without its policy, which lets nobody add axe
		resp, err := http.Get(w.Server.AdminURL() + r.URL.RequestURI())
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		out.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		_, _ = io.Copy(out, resp.Body)
	})
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	for name, scheme := range map[string]string{"dark": "0", "light": "1"} {
		dom := look(t, browser, "--blink-settings=preferredColorScheme="+scheme, "--virtual-time-budget=120000", "--dump-dom", front.URL+"/judge")
		judged(t, name, dom)
	}
	if dir := os.Getenv("TAMER_SCREENSHOTS"); dir != "" {
		for i, page := range looked {
			for _, width := range []int{500, 1100} { // no window of Chromium's is less wide
				look(t, browser, fmt.Sprintf("--window-size=%d,1000", width), "--hide-scrollbars", "--screenshot="+filepath.Join(dir, fmt.Sprintf("%d-%d.png", i, width)), w.Server.AdminURL()+page)
			}
		}
	}
}

func look(t *testing.T, browser string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), browser, append([]string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + t.TempDir()}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return string(out)
}

// judged reads what the frames have shown.
func judged(t *testing.T, name, dom string) {
	t.Helper()
	found := regexp.MustCompile(`(?s)<pre id="judged">(.*?)</pre>`).FindStringSubmatch(dom)
	if found == nil {
		t.Fatalf("%s: the browser shows:\n%s", name, dom)
	}
	var all []struct {
		Page                string
		Width, Wide, Passed int
		Styled              bool
		Violations          []string
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(looked)*len(widths) {
		t.Errorf("%s: %d pages were judged", name, len(all))
	}
	for _, one := range all {
		if len(one.Violations) > 0 || one.Wide > one.Width || !one.Styled || one.Passed < 10 {
			t.Errorf("%s, %s in %d pixels: %d wide, with its style: %t, %d rules hold; broken:\n%s", name, one.Page, one.Width, one.Wide, one.Styled, one.Passed, strings.Join(one.Violations, "\n"))
		}
	}
}
