package simulation_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// manyPerMutant is how many histories a mutant is given to show itself, where TAMER_TEST_PER_MUTANT says nothing else.
const manyPerMutant = 4000

// Each mutant fails some history. All of them stand in the code as it is; as many as TAMER_TEST_MUTANTS says are built and played, from
// another one on each day, so that in time all are.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(mutants) < 30 {
		t.Errorf("there are %d mutants", len(mutants))
	}
	for _, m := range mutants {
		m.source(t, root)
	}
	first := int(number(t, "TAMER_TEST_MUTANT", uint64(time.Now().YearDay())))
	for i := range min(len(mutants), int(number(t, "TAMER_TEST_MUTANTS", 0))) {
		n := (first + i) % len(mutants)
		t.Run(fmt.Sprintf("%d %s", n, mutants[n].name), func(t *testing.T) { mutants[n].mustFail(t, root) })
	}
}

// source gives the file with the mutant in it.
func (m mutant) source(t *testing.T, root string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), m.guard); n != 1 || m.guard == m.instead {
		t.Errorf("%s: %q stands %d times in %s", m.name, m.guard, n, m.file)
	}
	return strings.Replace(string(src), m.guard, m.instead, 1)
}

// mustFail builds this package with the mutant, and plays histories until one fails.
func (m mutant) mustFail(t *testing.T, root string) {
	dir := t.TempDir()
	other, program, overlay := filepath.Join(dir, "other.go"), filepath.Join(dir, "simulation.test"), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.file): other}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{other: m.source(t, root), overlay: string(replaced)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", program, ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
	play := exec.CommandContext(t.Context(), program, "-test.run", "^TestHistories$", "-test.timeout", "0")
	many := number(t, "TAMER_TEST_PER_MUTANT", manyPerMutant)
	play.Env = append(os.Environ(), "TAMER_TEST_SEED=1", fmt.Sprint("TAMER_TEST_HISTORIES=", many))
	said, err := play.CombinedOutput()
	if err == nil {
		t.Fatalf("%d histories, and all statements hold", many)
	}
	_, line, _ := strings.Cut(string(said), "seed ")
	histories, failure, found := strings.Cut(line, ": ") // the first seed is 1
	if !found {
		t.Fatalf("%v\n%s", err, said)
	}
	failure, _, _ = strings.Cut(failure, "\n")
	t.Logf("caught by history %s: %.200s", histories, failure)
}
