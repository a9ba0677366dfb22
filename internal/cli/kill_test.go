package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
)

// An edit of many files that is killed, at whatever moment, is finished by the next one or has never begun: all files or none.
func TestKilledEdit(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, moment := range []string{".tamer-edit", ".tamer-edit/journal.new", ".tamer-edit/journal"} {
		t.Run(filepath.Base(moment), func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			const files = 400
			for i := range files {
				name := fmt.Sprintf("customers/c%d/plan.yaml", i)
				if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte("users: 1\n"), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			tamer := filepath.Join(t.TempDir(), "tamer") // by this name the test binary is the program
			if err := os.Symlink(self, tamer); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), tamer, "set", "*/plan", "/users", "2", "--write")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for waiting := true; waiting; {
				select {
				case <-ended: // it was faster
					waiting = false
				default:
					if _, err := os.Lstat(moment); err == nil {
						_ = cmd.Process.Kill() // it may have ended just now
						<-ended
						waiting = false
					}
				}
			}
			var out bytes.Buffer
			if code := cli.Run(t.Context(), []string{"set", "*/plan", "/nothing/here", "1", "--dry-run"}, nil, &out, &out); code != cli.Clean {
				t.Fatalf("the next edit exits with %d: %s", code, &out)
			}
			changed := 0
			for i := range files {
				text, err := os.ReadFile(fmt.Sprintf("customers/c%d/plan.yaml", i))
				if err != nil {
					t.Fatal(err)
				}
				if string(text) == "users: 2\n" {
					changed++
				}
			}
			if changed != 0 && changed != files {
				t.Errorf("%d of %d files are changed", changed, files)
			}
			if _, err := os.Lstat(".tamer-edit"); err == nil {
				t.Error("what was prepared is still there")
			}
			t.Logf("%d of %d files changed", changed, files)
		})
	}
}
