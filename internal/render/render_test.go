package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// hostile is what people must not be able to do with a format.
const hostile = "a<b> & \"c\" ]]> ::error::d, e: 50% %0A `f` @acme\n::warning::g\r\x00 \x1b[31mred \u202egnp.exe"

var files = map[string]string{
	"customers/acme/plan.yaml": "name: Acme\nlimit:\tmany\nunits: {größe: 10 km, 大小: \"五\"}\ntreshold: 0.8\n",
	"customers/beta/a b,c:d%.yaml": "x: " + strings.Repeat("long ", 40) + "end # " + strings.Repeat("tail ", 30) + "\n" +
		"name: \u202egnp.exe\x1b[31m\n",
	"customers/odd/utf16.yaml": "\xff\xfen\x00:\x00 \x001\x00\n\x00",
}

// page is where the findings stand on GitHub.
var page = render.Page{Repository: "https://github.example.com/acme/config", Pull: 12, Head: "0123456789012345678901234567890123456789"}

func source(path string) ([]byte, error) {
	if text, ok := files[path]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func at(line, column, endLine, endColumn int) finding.Span {
	return finding.Span{Start: finding.Place{Line: line, Column: column}, End: finding.Place{Line: endLine, Column: endColumn}}
}

// result has findings of every kind: with and without file, place, end, edit; and with hostile text in each field.
func result() validate.Result {
	r := validate.Result{
		Files:     []string{"customers/acme/plan.yaml", "customers/acme/quiet.yaml", "customers/beta/a b,c:d%.yaml", "customers/odd/utf16.yaml", "gone.yaml"},
		Customers: []validate.Customer{{Name: "acme", Files: 2, Count: finding.Count{Failures: 3, Warnings: 1}}, {Name: "beta", Files: 1, Count: finding.Count{Failures: 2, Notices: 1}}},
		Existing:  finding.Count{Warnings: 2},
		Findings: []finding.Finding{
			{Rule: "merge-conflict", Level: finding.Failure, Message: "head and base change the same line", Fix: "merge main into the branch"},
			{Rule: "type", Level: finding.Failure, File: "customers/acme/plan.yaml", At: at(2, 8, 2, 12), Pointer: "/limit", Message: `must be a whole number (found the text "many")`, Fix: "write a whole number here"},
			{Rule: "type", Level: finding.Failure, File: "customers/acme/plan.yaml", At: at(3, 16, 3, 21), Pointer: "/units/größe", Message: `must be a number (found the text "10 km")`, Fix: "write a number here"},
			{Rule: "enum", Level: finding.Warning, File: "customers/acme/plan.yaml", At: at(3, 27, 3, 30), Pointer: "/units/大小", Message: `the text "五" is not one of 一, 二`, Fix: "write 一"},
			{Rule: "unknown-property", Level: finding.Failure, File: "customers/acme/plan.yaml", At: at(4, 1, 4, 9), Pointer: "/treshold", Message: `unknown property "treshold"; did you mean "threshold"?`,
				Fix: `write "threshold" instead of "treshold"`, Edit: &finding.Edit{At: at(4, 1, 4, 9), Text: "threshold"}},
			{Rule: "length", Level: finding.Failure, File: "customers/beta/a b,c:d%.yaml", At: at(1, 4, 1, 207), Pointer: "/x", Message: "must have at most 20 characters (has 203)", Fix: "shorten it"},
			{Rule: "not-allowed", Level: finding.Notice, File: "customers/beta/a b,c:d%.yaml", At: at(1, 204, 1, 207), Message: "the end is far to the right", Fix: "look there"},
			{Rule: "pattern", Level: finding.Failure, File: "customers/beta/a b,c:d%.yaml", At: at(2, 7, 2, 20), Pointer: "/name", Message: hostile, Fix: hostile},
			{Rule: "reference", Level: finding.Failure, File: "customers/beta/a b,c:d%.yaml", At: at(2, 1, 2, 5), Pointer: "/name", Message: `there is no "vip" in plan.yaml`, Fix: "write a name that is there",
				Related: []finding.Related{{File: "customers/acme/plan.yaml", At: at(2, 1, 2, 6), Message: `"vip" was here`}, {File: "shared/" + hostile, Message: hostile}}},
			{Rule: "odd,rule", Level: finding.Notice, File: "customers/odd/utf16.yaml", At: at(1, 4, 2, 1), Message: "goes on to the next line", Fix: "look"},
			{Rule: "unreadable", Level: finding.Failure, File: "gone.yaml", Message: "there is no such file", Fix: "check the name, or leave it out"},
			{Rule: "schema-invalid", Level: finding.Failure, File: "schemas/p.json", At: at(9, 1, 0, 0), Message: "not valid in a JSON Schema", Fix: "mend the schema",
				Edit: &finding.Edit{At: at(9, 1, 9, 1), Text: "<!-- ]]> -->\n"}},
		},
	}
	return r
}

// Every format of one result that has everything in it, each in a file that a person has read.
func TestFormats(t *testing.T) {
	for _, f := range render.Formats {
		t.Run(f.Name, func(t *testing.T) {
			golden.Check(t, "testdata/"+f.Name+".golden", written(t, f.Write, render.Options{Source: source, Version: "1.2.3"}))
		})
	}
	t.Run("plain", func(t *testing.T) {
		golden.Check(t, "testdata/plain.golden", written(t, render.Text, render.Options{}))
	})
	t.Run("colour", func(t *testing.T) {
		text := written(t, render.Text, render.Options{Source: source, Colour: true})
		golden.Check(t, "testdata/colour.golden", strings.ReplaceAll(text, "\x1b", "␛"))
		for _, code := range []string{"\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[0m"} {
			text = strings.ReplaceAll(text, code, "")
		}
		if text != written(t, render.Text, render.Options{Source: source}) {
			t.Error("without its colours it is not the text without colours")
		}
	})
	t.Run("check run", func(t *testing.T) {
		run := render.Report{Verdict: result(), Page: page, Fixable: true}.CheckRun()
		golden.Check(t, "testdata/checkrun.golden", run.Title+"\n\n"+run.Summary+"\n"+run.Text)
		if run.Conclusion != forge.Failed {
			t.Errorf("conclusion %s", run.Conclusion)
		}
	})
}

// The comment of a pull request: the same change of many customers once, and the rest by file, collapsed beyond a screenful.
func TestComment(t *testing.T) {
	r := render.Report{Page: page, Verdict: result(), Diff: difference(), Customer: func(path string) string {
		parts := strings.Split(path, "/")
		return parts[min(1, len(parts)-1)]
	}}
	golden.Check(t, "testdata/comment.golden", r.Comment().Body+"\n")
	r.Verdict = validate.Result{}
	r.Diff.Files = r.Diff.Files[:1]
	golden.Check(t, "testdata/comment-good.golden", r.Comment().Body+"\n")
	if quiet := (render.Report{}).Comment(); !quiet.Quiet || r.Comment().Quiet {
		t.Error("only where nothing changes and nothing was found there is nothing to say")
	}
}

// difference is one of two customers that change alike, and one that is new.
func difference() diff.Report {
	change := func(customer, old, new string) diff.File {
		f := diff.Files([]byte(old), []byte(new), nil, nil, document.Limits{})
		f.Path, f.Customer, f.Type = "customers/"+customer+"/plan.yaml", customer, "plan"
		f.Added = old == ""
		return f
	}
	return diff.Report{Files: []diff.File{
		change("acme", "retention: {days: 30}\nname: Acme\n", "retention: {days: 60}\nname: Acme Inc\n"),
		change("beta", "retention: {days: 30}\n", "retention: {days: 60}\n"),
		change("gamma", "limits: []\n", "limits:\n"+strings.Repeat("  - {from: 1, to: 2, of: things}\n", 200)),
		change("delta", "name: D\n", "name: Delta\n"),
	}}
}

func written(t *testing.T, write func(io.Writer, validate.Result, render.Options) error, o render.Options) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, result(), o); err != nil {
		t.Fatal(err)
	}
	return indented(b.String())
}

// ruleIndex is where a rule stands in the list, which changes when another one is added.
var ruleIndex = regexp.MustCompile(`,"ruleIndex":[0-9]+`)

// indented breaks JSON into lines, for people to read, and leaves out the rules of SARIF, which are those of docs/rules.md.
func indented(text string) string {
	if !strings.HasPrefix(text, "{") {
		return text
	}
	if head, rest, ok := strings.Cut(text, `,"rules":[`); ok {
		_, tail, _ := strings.Cut(rest, `]}},"columnKind"`)
		text = ruleIndex.ReplaceAllString(head+`}},"columnKind"`+tail, "")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", " "); err != nil {
		return text
	}
	return b.String()
}

// What people write starts no line of its own, and no escape sequence.
func TestHostileText(t *testing.T) {
	for _, f := range render.Formats {
		var b strings.Builder
		if err := f.Write(&b, result(), render.Options{Source: source}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(line, "::warning::g") || strings.ContainsAny(line, "\x00\x1b\r") {
				t.Errorf("%s: this line was smuggled in: %q", f.Name, line)
			}
		}
	}
}

func TestGitHubIsOneCommandForEachFinding(t *testing.T) {
	var b strings.Builder
	if err := render.GitHub(&b, result(), render.Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if got, want := len(lines), len(result().Findings); got != want {
		t.Errorf("%d lines for %d findings", got, want)
	}
	b.Reset()
	if err := render.GitHub(&b, validate.Result{Files: []string{"a.yaml"}}, render.Options{}); err != nil || b.Len() > 0 {
		t.Errorf("nothing was found, and this was written: %q, %v", b.String(), err)
	}
}

// A reader of JUnit counts one test for each file, and a failure for each that fails.
func TestJUnitIsXML(t *testing.T) {
	var b strings.Builder
	if err := render.JUnit(&b, result(), render.Options{}); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				File    string  `xml:"file,attr"`
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(b.String()), &read); err != nil {
		t.Fatal(err)
	}
	tests, failures := 0, 0
	for _, s := range read.Suites {
		for _, c := range s.Cases {
			tests++
			if c.Failure != nil {
				failures++
			}
			if strings.HasPrefix(c.File, "customers/beta/") && !strings.Contains(*c.Failure, "a<b> & \"c\" ]]> ::error::d") {
				t.Errorf("the text was changed: %q", *c.Failure)
			}
		}
	}
	if tests != 7 || tests != read.Tests || failures != 5 || failures != read.Failures {
		t.Errorf("%d tests, %d failures; said are %d and %d", tests, failures, read.Tests, read.Failures)
	}
}

// TestSARIFSchema judges what is written by the schema of the standard.
func TestSARIFSchema(t *testing.T) {
	path := golden.Fetched(t, "TAMER_SARIF_SCHEMA", "tools/sarif-schema/fetch")
	standard, found := schema.NewSet(os.DirFS(filepath.Dir(path))).Compile(filepath.Base(path))
	if standard == nil {
		t.Fatalf("the schema cannot be used: %+v", found)
	}
	judge := func(text string) []finding.Finding {
		docs, found := document.Parse([]byte(text), document.Limits{})
		for _, doc := range docs {
			found = append(found, standard.Validate(doc)...)
		}
		return found
	}
	for name, r := range map[string]validate.Result{"everything": result(), "nothing": {}} {
		var b strings.Builder
		if err := render.SARIF(&b, r, render.Options{Version: "1.2.3"}); err != nil {
			t.Fatal(err)
		}
		if found := judge(b.String()); len(found) > 0 {
			t.Errorf("%s: this is not SARIF: %+v", name, found)
		}
		if found := judge(strings.Replace(b.String(), `"unicodeCodePoints"`, `"bytes"`, 1)); len(found) == 0 {
			t.Errorf("%s: the schema accepts what is not SARIF", name)
		}
	}
}

// Each finding has a fingerprint of its own, which stays when lines are added above.
func TestSARIFFingerprints(t *testing.T) {
	prints := func(r validate.Result) []string {
		var b bytes.Buffer
		if err := render.SARIF(&b, r, render.Options{}); err != nil {
			t.Fatal(err)
		}
		var read struct {
			Runs []struct {
				Results []struct {
					RuleID    string
					RuleIndex *int
					Prints    map[string]string `json:"partialFingerprints"`
				}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range read.Runs[0].Results {
			all = append(all, f.Prints["tamer/v1"])
			if f.RuleIndex != nil && rule.All[*f.RuleIndex].ID != f.RuleID {
				t.Errorf("ruleIndex %d is not %s", *f.RuleIndex, f.RuleID)
			}
		}
		return all
	}
	r := result()
	r.Findings = append(r.Findings, r.Findings[len(r.Findings)-1])
	before := prints(r)
	for i := range r.Findings {
		r.Findings[i].At.Start.Line += 7
	}
	seen := map[string]bool{}
	for i, print := range prints(r) {
		if print != before[i] || seen[print] {
			t.Errorf("finding %d: fingerprint %q was %q, seen before: %t", i, print, before[i], seen[print])
		}
		seen[print] = true
	}
}

// A pipe that is closed ends the writing, and says so.
func TestWriteErrors(t *testing.T) {
	closed := errors.New("closed")
	for _, f := range render.Formats {
		if err := f.Write(broken{closed}, result(), render.Options{Source: source}); !errors.Is(err, closed) {
			t.Errorf("%s: got %v", f.Name, err)
		}
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
