package golden

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Prose checks what is told of the cases of an archive, to be read as prose: NAME.txtar against NAME.golden. tell gives what is shown of a
// case, and what is told of it.
func Prose(t testing.TB, name string, tell func(c txtar.File) (shown, told string)) {
	t.Helper()
	src, err := os.ReadFile(name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range txtar.Parse(src).Files {
		shown, told := tell(c)
		if told == "" {
			t.Errorf("%s: nothing is found", c.Name)
		}
		fmt.Fprintf(&out, "%s\n", c.Name)
		for line := range strings.Lines(shown) {
			out.WriteString("    " + line)
		}
		out.WriteString(told + "\n")
	}
	Check(t, name+".golden", out.String())
}
