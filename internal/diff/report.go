package diff

import (
	"cmp"
	"maps"
	"slices"
)

// A File is what differs in one file of a repository.
type File struct {
	Path     string
	Customer string // empty for a shared config
	Type     string
	Added    bool // the file was not there before
	Removed  bool
	// Formatting tells that the text differs and what it means does not.
	Formatting bool
	Changes    []Change
	// Unwritten are the changes of values that no line of the file says: a default of the schema has changed.
	Unwritten []Change
	// Problem says why the file could not be compared; empty where it was.
	Problem string
}

// Equal tells whether both versions mean the same.
func (f File) Equal() bool { return len(f.Changes) == 0 && f.Problem == "" }

// all gives what the file says and what it does not.
func (f File) all() []Change { return slices.Concat(f.Changes, f.Unwritten) }

// A Report is what differs between two trees, by file, sorted by path.
type Report struct {
	Files []File
}

// A Row is one change that was made alike in several files.
type Row struct {
	Change
	Type      string
	Customers []string // sorted; the shared configs are not among them
	Files     []string // paths, sorted
}

// Fold gives the changes that were made alike in several files: of the same type, at the same name, with the same values. Those
// of most files come first. The rest is the report without them; files that are new or gone stand there as they are.
func (r Report) Fold() (rows []Row, rest Report) {
	byKey := map[string]*Row{}
	for _, f := range r.Files {
		for _, ch := range f.all() {
			if f.Added || f.Removed {
				continue
			}
			row := byKey[f.key(ch)]
			if row == nil {
				row = &Row{Change: ch, Type: f.Type}
				byKey[f.key(ch)] = row
			}
			row.Files = append(row.Files, f.Path)
			if f.Customer != "" {
				row.Customers = append(row.Customers, f.Customer)
			}
		}
	}
	for _, row := range byKey {
		row.Customers, row.Files = union(nil, row.Customers), union(nil, row.Files)
		if len(row.Files) > 1 {
			rows = append(rows, *row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(len(b.Files), len(a.Files)), slices.Compare(a.Files, b.Files), compareChanges(a.Change, b.Change),
			cmp.Compare(a.Change.key(), b.Change.key()))
	})
	for _, f := range r.Files {
		folded := func(ch Change) bool {
			row := byKey[f.key(ch)]
			return row != nil && len(row.Files) > 1
		}
		left := f
		if !f.Added && !f.Removed {
			left.Changes = slices.DeleteFunc(slices.Clone(f.Changes), folded)
			left.Unwritten = slices.DeleteFunc(slices.Clone(f.Unwritten), folded)
		}
		if len(left.all()) > 0 || f.Problem != "" || f.Formatting && len(f.all()) == 0 {
			rest.Files = append(rest.Files, left)
		}
	}
	return rows, rest
}

// key is the same for changes that can be folded.
func (f File) key(ch Change) string { return f.Type + "\x00" + ch.key() }

// key is the same for changes that read the same, wherever they are made.
func (c Change) key() string {
	key, _ := marshal([]any{c.Op, c.Name, c.FromName, c.Document, c.FromDocument, c.Effect, c.Old, c.New, c.Default})
	return string(key)
}

// A Blast is whom a change reaches.
type Blast struct {
	Customers []string // those with a config that means something else now, sorted
	Configs   int      // how many configs mean something else, shared ones included
	Shared    int      // how many of them are shared
	Owners    []string // who answers for the values or reads them, by the schemas, sorted
}

// Blast tells whom the differences reach. What comes to nothing reaches nobody.
func (r Report) Blast() Blast {
	var b Blast
	customers, owners := map[string]bool{}, map[string]bool{}
	for _, f := range r.Files {
		reached := f.Problem != ""
		for _, ch := range f.all() {
			if ch.Effect == None {
				continue
			}
			reached = true
			for _, owner := range ch.Owners {
				owners[owner] = true
			}
		}
		if !reached {
			continue
		}
		b.Configs++
		if f.Customer == "" {
			b.Shared++
			continue
		}
		customers[f.Customer] = true
	}
	b.Customers, b.Owners = slices.Sorted(maps.Keys(customers)), slices.Sorted(maps.Keys(owners))
	return b
}
