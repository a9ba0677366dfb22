package validate

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
)

// fill gives a value something random in every field.
func fill(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "a", "/a/b", "/a/c", "äö\x00\xff", "a longer text with words"}[r.IntN(6)])
	case reflect.Int:
		v.SetInt(r.Int64N(2000) - 10)
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), r)
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(v.Index(i), r)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	default:
		panic("pack_test: teach fill about " + v.Kind().String())
	}
}

func random(r *rand.Rand) *judged {
	j := &judged{}
	fill(reflect.ValueOf(&j.found).Elem(), r)
	for i := range j.found { // what a file says is said of itself, if of no other
		j.found[i].File = cmp.Or(j.found[i].File, "a")
		for k := range j.found[i].Related {
			j.found[i].Related[k].File = cmp.Or(j.found[i].Related[k].File, "a")
		}
	}
	fill(reflect.ValueOf(&j.facts).Elem(), r)
	return j
}

// Whatever a file says is the same after it was packed: no field is forgotten.
func TestPackJudged(t *testing.T) {
	if n := reflect.TypeFor[judged]().NumField(); n != 3 {
		t.Errorf("judged has %d fields: pack the new one, and fill it here", n)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := random(r)
		got, ok := unpackJudged(packJudged(want, "a"), "a")
		if !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %t\nwant %+v", got, ok, want)
		}
	}
}

// A finding in the file itself is one in whichever file has the content.
func TestPackJudgedForOtherFile(t *testing.T) {
	j := &judged{found: []finding.Finding{{Rule: "type", File: "a", Related: []finding.Related{{File: "a"}, {File: "c"}}}, {Rule: "type", File: "elsewhere"}}}
	got, ok := unpackJudged(packJudged(j, "a"), "b")
	if !ok || got.found[0].File != "b" || got.found[1].File != "elsewhere" || got.found[0].Related[0].File != "b" || got.found[0].Related[1].File != "c" ||
		j.found[0].Related[0].File != "a" {
		t.Errorf("got %+v, %t", got, ok)
	}
}

// Any change of any byte is noticed.
func TestUnpackDamaged(t *testing.T) {
	b := packJudged(random(rand.New(rand.NewPCG(3, 4))), "a")
	for i := range b {
		damaged := bytes.Clone(b)
		damaged[i] ^= 1
		for _, part := range [][]byte{damaged, b[:i]} {
			if _, ok := unpackJudged(part, "a"); ok {
				t.Errorf("damaged at %d of %d: not noticed", i, len(b))
			}
		}
	}
}

// Also with a right checksum, what no packer has written is refused or read, and never costs more than its size.
func FuzzUnpack(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 10 {
		b := packJudged(random(r), "a")
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once, ok := unpackJudged((&packer{b: b}).sealed(), "a")
		if !ok {
			return
		}
		if twice, ok := unpackJudged(packJudged(once, "a"), "a"); !ok || !reflect.DeepEqual(once, twice) {
			t.Errorf("got %+v, then %+v, %t", once, twice, ok)
		}
	})
}

// A file of some hundred values that refer and are referred to.
func BenchmarkUnpack(b *testing.B) {
	j := &judged{}
	for i := range 100 {
		at := finding.Span{Start: finding.Place{Line: i, Column: 9}, End: finding.Place{Line: i, Column: 15}}
		j.facts.Refs = append(j.facts.Refs, catalog.Ref{To: catalog.Selection{Type: "plans", Path: "/plans/*/id"}, Scope: "customer", Value: "splan_1", Pointer: "/segments/1/plan", At: at})
		j.facts.Targets = append(j.facts.Targets, catalog.Target{Path: "/segments/*/id", Value: "ssegment_1", Pointer: "/segments/1/id", At: at})
	}
	packed := packJudged(j, "a")
	b.ReportMetric(float64(len(packed)), "bytes")
	for b.Loop() {
		if _, ok := unpackJudged(packed, "a"); !ok {
			b.Fatal("not read")
		}
	}
}
