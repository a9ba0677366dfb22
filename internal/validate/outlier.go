package validate

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
)

// enoughCustomers is how many must have something before it means anything that one of them has it alone, or otherwise.
const enoughCustomers = 20

// maxPlaces bounds the different places of one type that are compared.
const maxPlaces = 50_000

// maxOutliers bounds how many values of one file are told: a customer that differs everywhere is meant to.
const maxOutliers = 20

// outliers finds the values and types that only one customer has, where the policy asks for that: in the configs that the change adds
// or modifies, or in all where there is no change.
//
// What a config says is compared with those of all other customers, so that a finding can come and go without the file. It is
// therefore told of what the change touches alone, and is no part of what was there before.
func (j *judge) outliers() ([]finding.Finding, error) {
	if !j.head.looksFor("outlier") {
		return nil, nil
	}
	byType, err := j.compared()
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	for _, typ := range slices.Sorted(maps.Keys(byType)) {
		files := byType[typ]
		if !slices.ContainsFunc(files, j.told) {
			continue
		}
		var more []finding.Finding
		if len(files) == 1 {
			more, err = j.onlyOfType(files[0])
		} else if len(files) >= enoughCustomers {
			more, err = j.onlyWithValue(typ, files)
		}
		if err != nil {
			return nil, fmt.Errorf("compare the configs of type %s: %w", typ, err)
		}
		found = append(found, more...)
	}
	return found, nil
}

// compared gives the configs, one of each customer, of each type of which outliers are told.
func (j *judge) compared() (map[string][]policy.File, error) {
	queries := map[policy.Query]bool{}
	for path := range j.touched {
		if f := j.head.Policy.Layout.Read(path); f.Kind == policy.Config && j.told(f) {
			queries[policy.Query{Kind: policy.Config, Type: f.Type}] = true
		}
	}
	if j.base == nil {
		queries[policy.Query{Kind: policy.Config}] = true
	}
	byType := map[string][]policy.File{}
	for q := range queries {
		files, err := j.head.Find(q)
		if err != nil {
			return nil, err
		}
		seen := map[[2]string]bool{}
		for _, f := range files {
			if has := [2]string{f.Type, f.Customer}; !seen[has] {
				seen[has] = true
				byType[f.Type] = append(byType[f.Type], f)
			}
		}
	}
	return byType, nil
}

// told tells whether outliers in a file are told.
func (j *judge) told(f policy.File) bool {
	kind, touched := j.touched[f.Path]
	return under(f.Path, j.opts.Only) && (j.base == nil || touched && kind != forge.Removed)
}

// onlyOfType tells that nobody else has a config of the type, unless the change brings the type.
func (j *judge) onlyOfType(f policy.File) ([]finding.Finding, error) {
	if j.base != nil && j.base.SchemaPath(f.Type) == "" {
		before, err := j.base.Find(policy.Query{Kind: policy.Config, Type: f.Type})
		if err != nil || len(before) == 0 {
			return nil, err
		}
	}
	all, err := j.head.Find(policy.Query{Kind: policy.Config})
	names := map[string]bool{}
	for _, g := range all {
		names[g.Customer] = true
	}
	if err != nil || len(names) < enoughCustomers {
		return nil, err
	}
	return []finding.Finding{{Rule: "outlier", Level: finding.Notice, File: f.Path, At: top,
		Message: fmt.Sprintf("the only one of %d customers with a config of the type %q", len(names), f.Type),
		Fix:     "look whether this type was meant; nothing is wrong if it was"}}, nil
}

// onlyWithValue compares the files, one of each customer, place by place.
func (j *judge) onlyWithValue(typ string, files []policy.File) ([]finding.Finding, error) {
	compiled, why := schemaOf(j.head.Catalog, typ)
	if compiled == nil && why.Rule != "schema-missing" {
		return nil, nil // what is secret stands in the schema; that it cannot be used is said elsewhere
	}
	l := leafReader{side: j.head, schema: compiled}
	c := comparison{places: map[string]*tallied{}}
	if j.base != nil {
		var err error
		if c.wanted, err = l.places(files, j.told); err != nil {
			return nil, err
		}
	}
	l.expect(files)
	err := parallel.Each(files, pathOf, parallel.Options{Workers: j.opts.Workers}, func(i int, f policy.File) error {
		leaves, err := l.read(f)
		c.add(i, leaves)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(c.places) > maxPlaces {
		return []finding.Finding{uncompared(j.head.SchemaPath(typ), files[0], typ)}, nil
	}
	return j.placed(c.alone(files, j.told))
}

func uncompared(schemaPath string, first policy.File, typ string) finding.Finding {
	f := finding.Finding{Rule: "outlier", Level: finding.Notice, File: schemaPath, At: top,
		Message: fmt.Sprintf("configs of the type %q were not compared with each other: they have values at more than %d different places", typ, maxPlaces),
		Fix:     "nothing is to be done about it; the rule says nothing about such types"}
	if schemaPath == "" {
		f.File = first.Path
	}
	return f
}

// placed gives the findings the lines at which their values stand, and leaves out those of a file that are too many.
func (j *judge) placed(found []finding.Finding) ([]finding.Finding, error) {
	finding.Sort(found)
	var (
		doc  *document.Document
		last string
		n    int // of the same file
		told []finding.Finding
	)
	for _, f := range found {
		if n++; f.File != last {
			n = 1
			src, err := fs.ReadFile(j.head.Tree, f.File)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", f.File, err)
			}
			docs, _ := document.Parse(src, j.opts.Limits)
			if last, doc = f.File, nil; len(docs) == 1 {
				doc = docs[0]
			}
		}
		if f.At = top; n > maxOutliers+1 {
			continue
		} else if n > maxOutliers {
			f.Pointer, f.Message = "", fmt.Sprintf("more than %d values of this file are the only ones of their kind; the others are not listed", maxOutliers)
			f.Fix = "look whether this customer is meant to differ"
		} else if doc != nil {
			f.At = doc.Find(document.Tokens(f.Pointer)).Value
		}
		told = append(told, f)
	}
	return told, nil
}

// A comparison counts the values of each place. Of a place at which there are more than two it keeps none.
type comparison struct {
	mu     sync.Mutex
	wanted map[string]bool // the places that are compared; nil: all
	places map[string]*tallied
}

// A tallied is what the customers have at one place.
type tallied struct {
	customers int
	secret    bool // with one of them
	many      bool // more than two values
	values    []held
}

// A held is a value, how many customers have it, and the number of one of their files.
type held struct {
	value string
	by    int
	file  int
}

func (c *comparison) add(file int, leaves []leaf) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range leaves {
		if c.wanted != nil && !c.wanted[l.pointer] {
			continue
		}
		t := c.places[l.pointer]
		if t == nil {
			if len(c.places) > maxPlaces {
				continue // one more than is compared tells that there are too many
			}
			t = &tallied{}
			c.places[l.pointer] = t
		}
		t.customers++
		t.secret = t.secret || l.secret
		t.count(file, l.value)
	}
}

func (t *tallied) count(file int, value string) {
	if t.many {
		return
	}
	i := slices.IndexFunc(t.values, func(h held) bool { return h.value == value })
	switch {
	case i >= 0:
		t.values[i].by++
	case len(t.values) == 2:
		t.many, t.values = true, nil
	default:
		t.values = append(t.values, held{value: value, by: 1, file: file})
	}
}

// alone gives a finding, without its line, for each value that one customer has while all others share another one.
func (c *comparison) alone(files []policy.File, told func(policy.File) bool) []finding.Finding {
	var found []finding.Finding
	for pointer, t := range c.places {
		if t.customers < enoughCustomers || len(t.values) != 2 {
			continue
		}
		one, others := t.values[0], t.values[1]
		if others.by == 1 {
			one, others = others, one
		}
		if one.by != 1 || !told(files[one.file]) {
			continue
		}
		f := finding.Finding{Rule: "outlier", Level: finding.Notice, File: files[one.file].Path, Pointer: pointer,
			Message: fmt.Sprintf("the only one of %d customers with %s here: all others have %s", t.customers, shown(one.value), shown(others.value)),
			Fix:     fmt.Sprintf("write %s, unless this customer is meant to differ", shown(others.value))}
		if t.secret {
			f.Message = fmt.Sprintf("the only one of %d customers with its value here, which is secret: all others share another one", t.customers)
			f.Fix = "look whether this customer is meant to differ"
		}
		found = append(found, f)
	}
	return found
}
