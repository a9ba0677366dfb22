package mirror

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/work"
)

// A dir is one tree object, its entries sorted by name.
type dir struct{ entries []entry }

// An entry is one name in a tree.
type entry struct {
	name string
	mode fs.FileMode
	raw  string // the object's name, as bytes
}

func (e entry) object() string { return hex.EncodeToString([]byte(e.raw)) }

// find gives the entry of that name.
func (d *dir) find(name string) (entry, bool) {
	i, ok := slices.BinarySearchFunc(d.entries, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
	if !ok {
		return entry{}, false
	}
	return d.entries[i], true
}

// parseTree reads a tree object: "<mode> <name>" NUL object, over and over, where the object's name has size bytes.
// Names that could climb out of their directory, or that stand twice, are a permanent error: no honest git writes them.
func parseTree(data []byte, size int) (*dir, error) {
	rest := string(data) // the entries are parts of this one string
	d := &dir{}
	for rest != "" {
		head, after, ok := strings.Cut(rest, "\x00")
		mode, name, ok2 := strings.Cut(head, " ")
		if !ok || !ok2 || len(after) < size {
			return nil, work.Permanent(fmt.Errorf("the tree object ends in the middle of an entry"))
		}
		if err := checkName(name); err != nil {
			return nil, err
		}
		d.entries = append(d.entries, entry{name: name, mode: fileMode(mode), raw: after[:size]})
		rest = after[size:]
	}
	// Git sorts a directory as if its name ended in a slash.
	slices.SortFunc(d.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(d.entries); i++ {
		if name := d.entries[i].name; name == d.entries[i-1].name {
			return nil, work.Permanent(fmt.Errorf("the name %q stands twice in one tree: commit the directory again", name))
		}
	}
	return d, nil
}

// checkName refuses names that are no name of a file in a directory.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
		return work.Permanent(fmt.Errorf("a tree has an entry named %q, which no file can have: remove it from the commit", name))
	}
	return nil
}

// fileMode translates git's octal modes. What git does not know is irregular, as a submodule is.
func fileMode(mode string) fs.FileMode {
	switch mode {
	case "40000", "040000":
		return fs.ModeDir | 0o555
	case "100644", "100664": // the second from long ago
		return 0o444
	case "100755":
		return 0o555
	case "120000":
		return fs.ModeSymlink | 0o444
	default:
		return fs.ModeIrregular
	}
}
