package release

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/sink"
)

// Plain are plain files by key, below a channel's prefix.
type Plain map[string]File

// A File is the content of one plain file.
type File struct {
	SHA256 Digest
	Body   []byte
}

// Steps are what brings a unit's plain files from what they are to what they should be, in this order: Remove, then Write.
type Steps struct {
	Remove []string // keys
	Write  []string
}

// Touched are the keys of the steps, sorted.
func (s Steps) Touched() []string {
	return slices.Sorted(slices.Values(slices.Concat(s.Remove, s.Write)))
}

// Plan gives the least steps from one set of plain files to another. dirty are keys whose content nobody knows: a deploy was cut off there.
func Plan(was, will Plain, dirty []string) Steps {
	var s Steps
	unknown := map[string]bool{}
	for _, key := range dirty {
		unknown[key] = true
	}
	for key := range was {
		if _, stays := will[key]; !stays {
			s.Remove = append(s.Remove, key)
		}
	}
	for key := range unknown {
		_, stood := was[key]
		if _, stays := will[key]; !stays && !stood {
			s.Remove = append(s.Remove, key)
		}
	}
	for key, f := range will {
		if before, stood := was[key]; !stood || before.SHA256 != f.SHA256 || unknown[key] {
			s.Write = append(s.Write, key)
		}
	}
	slices.Sort(s.Remove)
	slices.Sort(s.Write)
	return s
}

// Clashes gives the units whose files cannot all be stored, with the reason for people: a key that a store refuses or that is tamer's own,
// or one that is that of another unit's file, or lies below it. keys are those of the units' files.
func Clashes(keys map[string][]string) map[string]string {
	type owned struct{ key, unit string }
	var all []owned
	why := map[string]string{}
	for unit, list := range keys {
		for _, key := range list {
			if err := sink.CheckKey(key); err != nil {
				why[unit] = err.Error()
			} else if unit != Shared && key[0] == '.' {
				why[unit] = fmt.Sprintf("the key %s begins with a dot, as only tamer's own do: rename the customer", key)
			}
			all = append(all, owned{strings.ReplaceAll(key, "/", "\x00"), unit}) // so that what lies below a key follows it at once
		}
	}
	slices.SortFunc(all, func(a, b owned) int { return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.unit, b.unit)) })
	above := 0 // the last one that lies below no other
	for i := 1; i < len(all); i++ {
		a, b := all[above], all[i]
		if a.key != b.key && !strings.HasPrefix(b.key, a.key+"\x00") {
			above = i
			continue
		}
		if a == b {
			continue
		}
		text := strings.ReplaceAll(a.key, "\x00", "/")
		for _, unit := range []string{a.unit, b.unit} {
			why[unit] = fmt.Sprintf("the key %s is wanted by two files: rename or remove one of them", text)
		}
	}
	return why
}

// Keys gives the keys of the files, sorted.
func (p Plain) Keys() []string { return slices.Sorted(maps.Keys(p)) }
