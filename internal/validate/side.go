package validate

import (
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A side is one tree as it is judged: the one before a change, or the one after. It is safe for concurrent use.
type side struct {
	*catalog.Catalog
	opts   Options
	shared *unit   // the shared configs; others refer to them
	recall *recall // nil: nothing is kept

	altered map[string]bool // types of which the change has another schema: their files may be judged by values that are kept

	mu     sync.Mutex
	judged map[string]*once[*judged] // by path: files that are judged for more than one unit, or before their own
	wide   map[catalog.Selection]*once[*everywhere]
	uses   map[catalog.Selection]*once[*usage]
	texts  map[string]string // of files that could not be wholly read, by path

	undefinedOnce once[*unknown]
	described     once[*near.Names] // the types that have a schema
}

func newSide(c *catalog.Catalog, opts Options) *side {
	s := &side{Catalog: c, opts: opts, judged: map[string]*once[*judged]{}, wide: map[catalog.Selection]*once[*everywhere]{},
		uses: map[catalog.Selection]*once[*usage]{}, texts: map[string]string{}}
	s.shared, s.recall = newUnit(s, ""), newRecall(opts)
	return s
}

// A judged is everything that one file says by itself: what is wrong with it, and what it has to do with others. It is a
// function of the file's content, the schema of its type, and what the tree's references ask of the type.
type judged struct {
	found  []finding.Finding
	facts  catalog.Facts
	object string // git's name of the content; "" where nothing is kept, or where the content was not read
}

// A once is a value that is worked out when it is first asked for.
type once[T any] struct {
	sync.Once
	value T
	err   error
}

func (o *once[T]) get(work func() (T, error)) (T, error) {
	o.Do(func() { o.value, o.err = work() })
	return o.value, o.err
}

// keep judges a file and remembers it.
func (s *side) keep(f policy.File) (*judged, error) {
	s.mu.Lock()
	o, known := s.judged[f.Path]
	if !known {
		o = &once[*judged]{}
		s.judged[f.Path] = o
	}
	s.mu.Unlock()
	return o.get(func() (*judged, error) { return s.work(f) })
}

// file judges a file, unless that was done before.
func (s *side) file(f policy.File) (*judged, error) {
	s.mu.Lock()
	o := s.judged[f.Path]
	s.mu.Unlock()
	if o != nil {
		return o.get(func() (*judged, error) { return s.work(f) })
	}
	return s.work(f)
}

func unread(why finding.Finding) *judged {
	return &judged{found: []finding.Finding{why}, facts: catalog.Facts{Unread: true}}
}

// judgeSource judges the content of a file. why is what is wrong where there is no schema that can be used.
func judgeSource(src []byte, name string, compiled *schema.Schema, why *finding.Finding, spec *catalog.Spec, limits document.Limits) *judged {
	docs, found := document.ParseFile(name, src, limits)
	return judgeDocuments(docs, found, name, compiled, why, spec)
}

// judgeDocuments is judgeSource for what was parsed, with what was found there.
func judgeDocuments(docs []*document.Document, found []finding.Finding, name string, compiled *schema.Schema, why *finding.Finding, spec *catalog.Spec) *judged {
	readable := len(found) == 0
	if why != nil {
		found = append(found, *why)
	} else {
		found = append(found, eachDocument(compiled, docs)...)
		if readable {
			found = append(found, judgeAlone(compiled, docs)...)
		}
		if unsaid := conditionsOf(compiled).unsaid(); unsaid != nil {
			found = append(found, *unsaid)
		}
	}
	facts, unjudged := spec.Facts(docs, compiled)
	facts.Unread = facts.Unread || !readable
	found = append(found, unjudged...)
	finding.In(name, found)
	return &judged{found: found, facts: facts}
}

// remember keeps what a scan has found out about a file that will be judged.
func (s *side) remember(f policy.File, v *judged) {
	o := &once[*judged]{value: v}
	o.Do(func() {})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.judged[f.Path] == nil {
		s.judged[f.Path] = o
	}
}

// stat finds the config or shared config at a path.
func (s *side) stat(path string) (policy.File, bool, error) {
	f := s.Policy.Layout.Read(path)
	if f.Kind != policy.Config && f.Kind != policy.Shared {
		return f, false, nil
	}
	found, err := s.Find(policy.Query{Kind: f.Kind, Customer: f.Customer, Type: f.Type})
	i := slices.IndexFunc(found, func(g policy.File) bool { return g.Path == path })
	if err != nil || i < 0 {
		return f, false, err
	}
	return found[i], true, nil
}

// equalInputs tells whether a file that both sides have alike is judged by the same schema and definitions on both.
func (s *side) equalInputs(other *side, typ string) (bool, error) {
	a, err := s.Definitions()
	if err != nil {
		return false, err
	}
	b, err := other.Definitions()
	if err != nil {
		return false, err
	}
	if a.Of(typ).Digest != b.Of(typ).Digest || s.SchemaPath(typ) != other.SchemaPath(typ) || s.SchemaPath(typ) == "" {
		return false, nil
	}
	one, _ := s.Schema(s.SchemaPath(typ))
	two, _ := other.Schema(other.SchemaPath(typ))
	return one != nil && two != nil && one.Digest() == two.Digest(), nil
}
