package policy

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/near"
)

// A Query bounds a search. Empty fields match everything.
type Query struct {
	Kind           Kind
	Customer, Type string
	Fold           bool // Customer means every name that near.Fold writes alike
	Beside         bool // what no pattern covers as well, as Other: where such files are looked for and below, and in directories of nearly their names
}

func (q Query) means(customer string) bool {
	return customer == q.Customer || q.Fold && near.Fold(customer) == near.Fold(q.Customer)
}

// Find calls yield for every file of the tree that the query asks for, in no particular order and possibly more than once,
// reading only the directories that can hold one. It stops when yield gives false. Links and submodules are never followed.
//
// A directory whose name is not UTF-8 cannot be opened. It is yielded itself, with that name as the customer or type, for the
// caller to refuse: what lies in it must not pass unseen.
func (l Layout) Find(tree fs.FS, q Query, yield func(File) bool) error {
	for i := range l.patterns {
		p := &l.patterns[i]
		if p.kind != q.Kind {
			continue
		}
		w := walker{tree: tree, pattern: p, layout: l, query: q, yield: yield}
		if err := w.walk(".", p.segments(q)); err != nil || w.stopped {
			return err
		}
	}
	return nil
}

// A segment is what one name on the way to a file may be: exactly before, or with a hole anything between before and after.
type segment struct {
	before, after string
	hole          bool
	many          bool // one or more names, whatever stands around the placeholder
	fold          bool // see Query.Fold
}

func (s segment) fits(name string) bool {
	if s.fold { // beside a hole anything may be right: what the layout reads of the whole path decides
		return s.hole || near.Fold(name) == near.Fold(s.before)
	}
	return s.many || len(name) > len(s.before)+len(s.after) && strings.HasPrefix(name, s.before) && strings.HasSuffix(name, s.after)
}

// segments are those of the pattern, with the values that are asked for in the place of their placeholders.
func (p *pattern) segments(q Query) []segment {
	all := []segment{{}}
	literal := func(text string, fold bool) {
		for i, part := range strings.Split(text, "/") {
			if i > 0 {
				all = append(all, segment{})
			}
			last := &all[len(all)-1]
			if last.fold = last.fold || fold; last.hole {
				last.after += part
			} else {
				last.before += part
			}
		}
	}
	rest := p.text
	for at := placeholder.FindStringIndex(rest); at != nil; at = placeholder.FindStringIndex(rest) {
		group, many := strings.CutSuffix(rest[at[0]+1:at[1]-1], "...")
		literal(rest[:at[0]], false)
		rest = rest[at[1]:]
		if value := map[string]string{"customer": q.Customer, "type": q.Type}[group]; value != "" {
			literal(value, q.Fold && group == "customer")
			continue
		}
		last := &all[len(all)-1]
		last.hole, last.many, last.after = true, last.many || many, ""
	}
	literal(rest, false)
	return all
}

type walker struct {
	tree    fs.FS
	pattern *pattern
	layout  Layout
	query   Query
	yield   func(File) bool
	stopped bool
	many    bool // below names of any number: each directory is walked through anyhow
}

// walk looks below a directory that is there.
func (w *walker) walk(dir string, segments []segment) error {
	head, rest := segments[0], segments[1:]
	if !head.hole && !head.fold {
		if err := w.around(dir, head.before, len(rest) > 0); err != nil {
			return err
		}
		return w.step(path.Join(dir, head.before), rest)
	}
	if head.many {
		defer func(was bool) { w.many = was }(w.many)
		w.many = true
	}
	entries, err := fs.ReadDir(w.tree, dir)
	if err != nil {
		return ignoreAbsent(err)
	}
	for _, e := range entries {
		if w.stopped {
			return nil
		}
		if !w.query.Beside && !head.many && !head.fits(e.Name()) && utf8.ValidString(e.Name()) {
			continue // as most of very many
		}
		name := path.Join(dir, e.Name())
		if e.IsDir() && !utf8.ValidString(e.Name()) {
			w.refuse(name)
			continue
		}
		if head.many && e.IsDir() {
			if err := w.walk(name, segments); err != nil {
				return err
			}
		}
		switch {
		case !head.fits(e.Name()) || e.IsDir() != (len(rest) > 0):
			if err := w.beside(name, e, w.pattern.above(name)); err != nil {
				return err
			}
		case len(rest) == 0:
			w.offer(name, e)
		default:
			if err := w.walk(name, rest); err != nil {
				return err
			}
		}
	}
	return nil
}

// around looks at what lies beside the one name of a directory that leads on, which is that of a directory or not.
func (w *walker) around(dir, but string, leads bool) error {
	if !w.query.Beside {
		return nil
	}
	entries, err := fs.ReadDir(w.tree, dir)
	for _, e := range entries {
		if e.Name() == but && e.IsDir() == leads {
			continue
		}
		name := path.Join(dir, e.Name())
		if err := w.beside(name, e, w.pattern.above(name) || near.Slip(e.Name(), but)); err != nil {
			return err
		}
	}
	return ignoreAbsent(err)
}

// beside yields what no pattern covers, if that is asked for; of a directory that may be meant for one of a pattern all that lies below.
func (w *walker) beside(name string, e fs.DirEntry, meant bool) error {
	if !w.query.Beside || w.stopped || !utf8.ValidString(name) {
		return nil
	}
	if !e.IsDir() {
		if f := w.layout.Read(name); f.Kind == Other {
			f.Mode = e.Type()
			w.give(f)
		}
		return nil
	}
	if !meant || w.many || e.Name() == ".git" {
		return nil
	}
	entries, err := fs.ReadDir(w.tree, name)
	for _, e := range entries {
		if err := w.beside(path.Join(name, e.Name()), e, true); err != nil {
			return err
		}
	}
	return ignoreAbsent(err)
}

// step goes to a path whose name is known.
func (w *walker) step(name string, rest []segment) error {
	if !utf8.ValidString(name) {
		w.refuse(name)
		return nil
	}
	e, err := Entry(w.tree, name)
	switch {
	case err != nil:
		return ignoreAbsent(err)
	case e.IsDir() && len(rest) > 0:
		return w.walk(name, rest)
	case !e.IsDir() && len(rest) == 0:
		w.offer(name, e)
	}
	return nil
}

// Entry gives what the directory of a file would list for it, following no link. A tree that has a method Entry need not find out
// the size.
func Entry(tree fs.FS, name string) (fs.DirEntry, error) {
	if t, ok := tree.(interface {
		Entry(name string) (fs.DirEntry, error)
	}); ok {
		return t.Entry(name)
	}
	info, err := fs.Lstat(tree, name)
	if err != nil {
		return nil, err
	}
	if o, ok := info.(interface{ Object() string }); ok {
		return object{fs.FileInfoToDirEntry(info), o.Object()}, nil
	}
	return fs.FileInfoToDirEntry(info), nil
}

// An object is an entry with the name of its content.
type object struct {
	fs.DirEntry
	name string
}

func (o object) Object() string { return o.name }

// ignoreAbsent takes what is not there, or lies below a file, for an empty directory.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return err
}

// offer yields a file that the layout reads as what is asked for: another pattern may have covered it first.
func (w *walker) offer(name string, e fs.DirEntry) {
	f, by := w.layout.read(name)
	q := w.query
	if by != w.pattern || q.Customer != "" && !q.means(f.Customer) || q.Type != "" && f.Type != q.Type {
		return
	}
	f.Mode = e.Type()
	if o, ok := e.(interface{ Object() string }); ok {
		f.Object = o.Object()
	}
	w.give(f)
}

// refuse yields a directory that cannot be opened.
func (w *walker) refuse(dir string) {
	f := File{Path: dir, Kind: w.query.Kind, Type: dir}
	if f.Kind == Config {
		f.Customer, f.Type = dir, w.query.Type
	}
	w.give(f)
}

func (w *walker) give(f File) {
	if !w.stopped && !w.yield(f) {
		w.stopped = true
	}
}
