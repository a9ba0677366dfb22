package document

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
)

// entry is a line that holds a key with a plain value, perhaps as the first of an item.
var entry = regexp.MustCompile(`^( *)(- )?([a-z_]+): ([A-Za-z0-9][^"'#:]*)$`)

// A spoiler makes one fault in a line that is an entry. It gives the new text and the column, from 0, of the fault; "" where it
// cannot.
type spoiler struct {
	name  string
	spoil func(part []string, r *rand.Rand) (text string, column int)
}

// spoilers work on the parts of an entry: the line, its indentation, the dash, the key, and the value.
var spoilers = []spoiler{
	{"unclosed double quote", openBefore(`"`)},
	{"unclosed single quote", openBefore(`'`)},
	{"unclosed [", openBefore(`[`)},
	{"unclosed {", openBefore(`{`)},
	{"tab", func(part []string, _ *rand.Rand) (string, int) {
		if part[1] == "" {
			return "", 0
		}
		return "\t" + part[0][len(part[1]):], 0
	}},
	{"too deep", func(part []string, r *rand.Rand) (string, int) {
		more := 1 + r.IntN(4)
		return strings.Repeat(" ", more) + part[0], len(part[1]) + more
	}},
	{"not deep enough", func(part []string, r *rand.Rand) (string, int) {
		if part[1] == "" {
			return "", 0
		}
		less := 1 + r.IntN(len(part[1]))
		return part[0][less:], len(part[1]) - less
	}},
	{"missing colon", func(part []string, _ *rand.Rand) (string, int) {
		before := part[1] + part[2]
		return before + part[3] + " " + part[4], len(before)
	}},
}

func openBefore(sign string) func([]string, *rand.Rand) (string, int) {
	return func(part []string, _ *rand.Rand) (string, int) {
		before := strings.TrimSuffix(part[0], part[4])
		return before + sign + part[4], len(before)
	}
}

// Real files are spoiled in one place each: the finding names that place.
func TestLocate(t *testing.T) {
	files := shopFiles(t)
	r := rand.New(rand.NewPCG(3, 5))
	for _, s := range spoilers {
		var n, line, column, one int
		for _, name := range slices.Sorted(maps.Keys(files)) {
			lines := strings.Split(files[name], "\n")
			for i, now := range lines {
				part := entry.FindStringSubmatch(now)
				if part == nil || r.IntN(3) > 0 { // a third is enough
					continue
				}
				text, at := s.spoil(part, r)
				if text == "" {
					continue
				}
				spoiled := strings.Join(slices.Concat(lines[:i], []string{text}, lines[i+1:]), "\n")
				_, found := Parse([]byte(spoiled), Limits{})
				if len(found) == 0 {
					continue // still YAML, with another meaning
				}
				n++
				got, want := found[0].At.Start, finding.Place{Line: i + 1, Column: at + 1}
				line += boolInt(got.Line == want.Line)
				column += boolInt(got == want)
				one += boolInt(len(found) == 1)
				if got != want && testing.Verbose() {
					t.Logf("%s in %s: got %v, want %v: %s", s.name, name, got, want, found[0].Message)
				}
			}
		}
		percent := func(x int) float64 { return 100 * float64(x) / float64(n) }
		t.Logf("%-22s %4d  line %5.1f %%  column %5.1f %%  one %5.1f %%", s.name, n, percent(line), percent(column), percent(one))
		if n < 40 || percent(line) < 98 || percent(column) < 95 || percent(one) < 95 {
			t.Errorf("%s: %d of %d name the line, %d the column, %d are one finding", s.name, line, n, column, one)
		}
	}
}

// A key that stands twice is a fault where it stands for the second time.
func TestLocateSecondKey(t *testing.T) {
	n := 0
	for name, text := range shopFiles(t) {
		lines := strings.Split(text, "\n")
		for i, now := range lines {
			part := entry.FindStringSubmatch(now)
			if part == nil {
				continue
			}
			column := len(part[1]) + len(part[2])
			again := strings.Repeat(" ", column) + now[column:]
			_, found := Parse([]byte(strings.Join(slices.Insert(slices.Clone(lines), i+1, again), "\n")), Limits{})
			n++
			if len(found) != 1 || found[0].At.Start != (finding.Place{Line: i + 2, Column: column + 1}) {
				t.Errorf("%s: %q twice, on line %d: %v", name, again, i+2, found)
			}
		}
	}
	if n < 40 {
		t.Errorf("%d keys were written twice, want 40 or more", n)
	}
}

// A tab can be replaced by a program only where one indentation makes the file valid.
func TestTabEdit(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"between neighbours", "a:\n  b: 1\n\tc: 2\n  d: 3\n", "a:\n  b: 1\n  c: 2\n  d: 3\n"},
		{"after a space", "a:\n  b: 1\n \t c: 2\n  d: 3\n", "a:\n  b: 1\n  c: 2\n  d: 3\n"},
		{"of the mapping or below it", "a:\n  b: 1\n\tc: 2\nd: 3\n", ""},
		{"on many lines", "a:\n\tb: 1\n\tc: 2\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := Parse([]byte(c.in), Limits{})
			if len(found) != 1 {
				t.Fatalf("got %v, want one finding", found)
			}
			got := ""
			if edit := found[0].Edit; edit != nil {
				txt := newText([]byte(c.in))
				got = c.in[:txt.offset(edit.At.Start)] + edit.Text + c.in[txt.offset(edit.At.End):]
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
