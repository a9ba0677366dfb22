package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
)

// customersWith gives a tree in which each of n customers has the same config, but for those that are named.
func customersWith(n int, usual string, other map[string]string) fstest.MapFS {
	m := fstest.MapFS{
		".tamer.yaml":           {Data: []byte("checks: {outlier: notice}\n")},
		"schemas/t.schema.yaml": {Data: []byte("properties: {token: {x-tamer-secret: true}}\n")},
	}
	for i := range n {
		m[fmt.Sprintf("customers/c%02d/t.yaml", i)] = &fstest.MapFile{Data: []byte(usual)}
	}
	for customer, text := range other {
		m["customers/"+customer+"/t.yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func outliersOf(t *testing.T, head fstest.MapFS, opts Options) []string {
	t.Helper()
	r, err := Tree(head, opts)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range r.Findings {
		if f.Rule != "outlier" || f.Level != finding.Notice {
			t.Fatalf("no outlier: %+v", f)
		}
		told = append(told, fmt.Sprintf("%s:%d:%d %s", f.File, f.At.Start.Line, f.At.Start.Column, f.Message))
	}
	return told
}

func TestOutliers(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name      string
		customers int
		usual     string
		other     map[string]string
		want      []string
	}{
		{"a value", 20, "a: {b: 30}", map[string]string{"c03": "a: {b: 45}"},
			[]string{"customers/c03/t.yaml:1:8 the only one of 20 customers with 45 here: all others have 30"}},
		{"a text where there are numbers", 20, "a: 1", map[string]string{"c03": `a: "1"`},
			[]string{`customers/c03/t.yaml:1:4 the only one of 20 customers with "1" here: all others have 1`}},
		{"long texts that end otherwise", 20, "a: " + long + "1", map[string]string{"c03": "a: " + long + "2"},
			[]string{fmt.Sprintf("customers/c03/t.yaml:1:4 the only one of 20 customers with %q here: all others have %[1]q", long[:80]+"…")}},
		{"a secret of others", 20, "token: abcdef", map[string]string{"c03": "token: xyzxyz"},
			[]string{"customers/c03/t.yaml:1:8 a secret value, which is not shown, breaks a rule: No customer is the only one with a value or a type"}},
		{"two customers", 20, "a: 30", map[string]string{"c03": "a: 45", "c04": "a: 45"}, nil},
		{"two values", 20, "a: 30", map[string]string{"c03": "a: 45", "c04": "a: 46"}, nil},
		{"too few customers", 19, "a: 30", map[string]string{"c03": "a: 45"}, nil},
		{"too few have the place", 20, "a: 30", map[string]string{"c03": "a: 45", "c04": "{}"}, nil},
		{"null is no value", 21, "a: 30", map[string]string{"c03": "a: null"}, nil},
		{"in a list", 20, "a: [30]", map[string]string{"c03": "a: [45]"}, nil},
		{"one and the same number", 20, "a: 1", map[string]string{"c03": "a: 1.0"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			head := customersWith(tt.customers, tt.usual, tt.other)
			if got := outliersOf(t, head, Options{}); !slices.Equal(got, tt.want) {
				t.Errorf("judged as a whole\ngot  %q\nwant %q", got, tt.want)
			}
			base := maps.Clone(head)
			base["customers/c03/t.yaml"] = &fstest.MapFile{Data: []byte("a: 0")}
			opts := Options{Base: base, Changes: []forge.Change{{Path: "customers/c03/t.yaml", Kind: forge.Modified}}}
			if got := outliersOf(t, head, opts); !slices.Equal(got, tt.want) {
				t.Errorf("judged as a change\ngot  %q\nwant %q", got, tt.want)
			}
			opts = Options{Base: base, Changes: []forge.Change{{Path: "customers/c05/t.yaml", Kind: forge.Modified}}}
			if got := outliersOf(t, head, opts); len(got) > 0 {
				t.Errorf("told of a file that the change leaves alone: %q", got)
			}
		})
	}
}

// Of a customer that differs everywhere some values are told, and that there are more.
func TestManyOutliers(t *testing.T) {
	var usual, own strings.Builder
	for i := range 100 {
		fmt.Fprintf(&usual, "k%02d: 1\n", i)
		fmt.Fprintf(&own, "k%02d: 2\n", i)
	}
	got := outliersOf(t, customersWith(30, usual.String(), map[string]string{"c07": own.String()}), Options{})
	if len(got) != maxOutliers+1 || !strings.Contains(got[0], "more than 20 values") {
		t.Errorf("%d told, first %q", len(got), got[0])
	}
}

// A type with values at too many places is not compared, and that is said.
func TestOutliersOfTooManyPlaces(t *testing.T) {
	m := customersWith(0, "", nil)
	for i := range 21 {
		var b strings.Builder
		for k := range maxPlaces/20 + 1 {
			fmt.Fprintf(&b, "k%d-%d: 1\n", i, k)
		}
		m[fmt.Sprintf("customers/c%d/t.yaml", i)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	got := outliersOf(t, m, Options{})
	if len(got) != 1 || !strings.Contains(got[0], "schemas/t.schema.yaml:1:1 configs of the type \"t\" were not compared") {
		t.Errorf("got %q", got)
	}
}

// What a file holds is the same when it comes out of the cache.
func TestPackLeaves(t *testing.T) {
	want := []leaf{{"/a", "n1", false}, {"/a/b", "sx", true}, {"", "", false}}
	if got, ok := unpackLeaves(packLeaves(want)); !ok || !slices.Equal(got, want) {
		t.Errorf("got %+v, %t", got, ok)
	}
	if _, ok := unpackLeaves(append(packLeaves(want), 0)); ok {
		t.Error("a damaged entry was believed")
	}
}

// With a cache, a change of one file reads that file, and of the others nothing. What others have is still compared.
func TestOutliersWarm(t *testing.T) {
	base := &named{MapFS: customersWith(25, "a: 30\ntoken: abcdef", nil)}
	opts := Options{Cache: &shelf{}, Build: "test", Workers: 1}
	judge := func(text string) (told, read []string) {
		head := &named{MapFS: maps.Clone(base.MapFS)}
		head.MapFS["customers/c03/t.yaml"] = &fstest.MapFile{Data: []byte(text)}
		opts.Base, opts.Changes = base, []forge.Change{{Path: "customers/c03/t.yaml", Kind: forge.Modified}}
		r, err := Tree(head, opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			told = append(told, f.Message)
		}
		slices.Sort(head.read)
		return told, slices.Compact(head.read)
	}
	if _, read := judge("a: 1\n"); len(read) != 25 {
		t.Errorf("cold, %d files were read", len(read))
	}
	want := []string{"the only one of 25 customers with 45 here: all others have 30"}
	if told, read := judge("a: 45\n"); !slices.Equal(told, want) || len(read) != 1 {
		t.Errorf("got %q, and read %q", told, read)
	}
	told, _ := judge("a: 30\ntoken: other1")
	if len(told) != 1 || strings.Contains(told[0], "abcdef") || strings.Contains(told[0], "other1") {
		t.Errorf("got %q", told)
	}
}
