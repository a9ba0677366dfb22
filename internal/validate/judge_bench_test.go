package validate_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// together is how many files one part handles before the next has its turn: noise of the machine then meets all parts.
const together = 400

// The parts that are measured. The first three use the libraries alone.
var parts = []string{"yaml.v3 to nodes", "yaml.v3 to values", "jsonschema/v5", "parse", "validate"}

// BenchmarkJudge measures what the judge of one file costs beside the libraries that it stands on, on the corpus in
// $TAMER_CORPUS_DIR; tools/bench/judge makes one and runs this. One iteration is the whole corpus. All numbers are CPU time.
func BenchmarkJudge(b *testing.B) {
	c := readCorpus(b)
	spent := map[string][]float64{} // µs per file, by part, one for each iteration
	for b.Loop() {
		sum := map[string]time.Duration{}
		for some := range slices.Chunk(c.files, together) {
			c.takeTurns(b, some, sum)
		}
		for part, d := range sum {
			spent[part] = append(spent[part], float64(d.Nanoseconds())/1000/float64(len(c.files)))
		}
	}
	for _, part := range parts {
		b.ReportMetric(median(spent[part]), strings.ReplaceAll(part, " ", "-")+"-µs/file")
	}
	ratio := func(base string) float64 {
		var all []float64
		for i := range spent[base] {
			all = append(all, (spent["parse"][i]+spent["validate"][i])/(spent[base][i]+spent["jsonschema/v5"][i]))
		}
		return median(all)
	}
	b.ReportMetric(ratio("yaml.v3 to values"), "judge/values+v5")
	b.ReportMetric(ratio("yaml.v3 to nodes"), "judge/nodes+v5")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTree measures the whole way of "tamer check --all" on the same corpus.
func BenchmarkTree(b *testing.B) {
	dir := corpusDir(b)
	var spent []float64
	for b.Loop() {
		start := cpu(b)
		r, err := validate.Tree(os.DirFS(dir), validate.Options{})
		if err != nil || !r.OK() {
			b.Fatalf("the corpus is not valid: %v %v", err, r.Findings[:min(3, len(r.Findings))])
		}
		spent = append(spent, float64((cpu(b)-start).Nanoseconds())/1000/float64(len(r.Files)))
	}
	b.ReportMetric(median(spent), "µs/file")
	b.ReportMetric(0, "ns/op")
}

type corpus struct {
	files   []corpusFile
	schemas map[string]*schema.Schema
	peers   map[string]*jsonschema.Schema
}

type corpusFile struct {
	typ string
	src []byte
}

func corpusDir(b *testing.B) string {
	dir := os.Getenv("TAMER_CORPUS_DIR")
	if dir == "" {
		b.Skip("TAMER_CORPUS_DIR is not set; tools/bench/judge sets it")
	}
	return dir
}

func readCorpus(b *testing.B) *corpus {
	tree := os.DirFS(corpusDir(b))
	c := &corpus{schemas: map[string]*schema.Schema{}, peers: map[string]*jsonschema.Schema{}}
	set := schema.NewSet(tree)
	names, err := fs.Glob(tree, "customers/*/*.yaml")
	if err != nil || len(names) == 0 {
		b.Fatalf("find customers: %d, %v", len(names), err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			b.Fatal(err)
		}
		typ := strings.TrimSuffix(path.Base(name), ".yaml")
		c.files = append(c.files, corpusFile{typ, src})
		if c.schemas[typ] != nil {
			continue
		}
		at := "schemas/" + typ + ".schema.json"
		own, found := set.Compile(at)
		if own == nil {
			b.Fatalf("compile %s: %v", at, found)
		}
		text, err := fs.ReadFile(tree, at)
		if err != nil {
			b.Fatal(err)
		}
		c.schemas[typ], c.peers[typ] = own, jsonschema.MustCompileString(at, string(text))
	}
	return c
}

// takeTurns lets each part handle the files once, and adds up what it takes.
func (c *corpus) takeTurns(b *testing.B, files []corpusFile, sum map[string]time.Duration) {
	values := make([]any, len(files))
	docs := make([][]*document.Document, len(files))
	turn := func(part string, handle func(i int, f corpusFile) bool) {
		start := cpu(b)
		for i, f := range files {
			if !handle(i, f) {
				b.Fatalf("%s: refuses a file of type %s:\n%s", part, f.typ, f.src)
			}
		}
		sum[part] += cpu(b) - start
	}
	turn("yaml.v3 to nodes", func(_ int, f corpusFile) bool {
		return yaml.NewDecoder(bytes.NewReader(f.src)).Decode(new(yaml.Node)) == nil
	})
	turn("yaml.v3 to values", func(i int, f corpusFile) bool { return yaml.Unmarshal(f.src, &values[i]) == nil })
	turn("jsonschema/v5", func(i int, f corpusFile) bool { return c.peers[f.typ].Validate(values[i]) == nil })
	turn("parse", func(i int, f corpusFile) bool {
		parsed, found := document.Parse(f.src, document.Limits{})
		docs[i] = parsed
		return len(found) == 0
	})
	turn("validate", func(i int, f corpusFile) bool {
		for _, doc := range docs[i] {
			if len(c.schemas[f.typ].Validate(doc)) > 0 {
				return false
			}
		}
		return true
	})
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
