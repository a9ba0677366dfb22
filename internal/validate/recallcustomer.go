package validate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/policy"
)

// Where everything is judged, a customer none of whose files has changed need not be looked at file by file: what was wrong
// with it as a whole is an entry of its own. It rests on its files, all schemas, the policy and the shared configs.

// recallCustomers gives what is known of customers as a whole, and the customers that are left to judge.
func (j *judge) recallCustomers(batches map[string]*batch, order []string) (known []fault, left []string, err error) {
	if !j.whole || j.base != nil || len(j.opts.Only) > 0 || j.head.recall == nil {
		return nil, order, nil
	}
	j.rest, err = j.head.restKey()
	if err != nil || j.rest == "" {
		return nil, order, err
	}
	keys := map[string]Key{}
	var ask []Key
	for _, customer := range order {
		if key, ok := j.customerKey(batches[customer], func(f policy.File) string { return f.Object }); ok {
			keys[customer] = key
			ask = append(ask, key)
		}
	}
	found := j.head.recall.cache.Get(ask)
	for _, customer := range order {
		faults, ok := unpackFaults(found[keys[customer]], customer)
		if !ok {
			left = append(left, customer)
			continue
		}
		known = append(known, faults...)
	}
	return known, left, nil
}

// keepCustomer notes what is wrong with a customer, if that depends on nothing but what the key says.
func (j *judge) keepCustomer(b *batch, faults []fault) {
	if j.rest == "" {
		return
	}
	for _, f := range faults {
		if f.ref != nil || f.targets != nil || f.blocker != "" || f.open {
			return
		}
	}
	key, ok := j.customerKey(b, func(f policy.File) string { return b.unit.have(f.Path).object })
	if ok {
		j.head.recall.put(key, packFaults(faults))
	}
}

// customerKey is the digest of all that judging a customer rests on; false where a content is not known, or where others look at
// what its files say.
func (j *judge) customerKey(b *batch, object func(policy.File) string) (Key, bool) {
	if b.unit == j.head.shared {
		return Key{}, false
	}
	files := slices.SortedFunc(slices.Values(b.files), func(a, b policy.File) int { return cmp.Compare(a.Path, b.Path) })
	twins, err := j.head.Twins(b.unit.customer)
	if err != nil {
		return Key{}, false
	}
	parts := append([]string{"customer", j.head.recall.salt, j.rest, b.unit.customer, fmt.Sprint(len(twins))}, twins...)
	for _, f := range files {
		name := object(f)
		if name == "" || j.head.gathers(f.Type) {
			return Key{}, false
		}
		parts = append(parts, f.Path, name)
	}
	return keyOf(parts...), true
}

// restKey is the digest of the policy, all schemas and the shared configs; "" where one of them cannot be used.
func (s *side) restKey() (string, error) {
	src, err := fs.ReadFile(s.Tree, policy.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	parts := []string{string(src)}
	paths, err := s.SchemaFiles()
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		compiled, _ := s.Schema(path)
		if compiled == nil {
			return "", nil
		}
		parts = append(parts, path, compiled.Digest())
	}
	shared, err := s.shared.all()
	if err != nil {
		return "", err
	}
	for _, f := range shared {
		v, err := s.shared.file(f)
		if err != nil {
			return "", err
		}
		if v.object == "" {
			return "", nil
		}
		parts = append(parts, f.Path, v.object)
	}
	key := keyOf(parts...)
	return string(key[:]), nil
}

// gathers tells whether others may refer to files of the type, wherever they are.
func (s *side) gathers(typ string) bool {
	for sel := range s.wide {
		if sel.Type == typ {
			return true
		}
	}
	return false
}

func packFaults(faults []fault) []byte {
	p := &packer{}
	pack(p, faults, func(f fault) { p.finding(f.Finding) })
	return p.sealed()
}

func unpackFaults(b []byte, customer string) ([]fault, bool) {
	if b == nil {
		return nil, false
	}
	u := unseal(b)
	found := unpack(u, u.finding)
	faults := make([]fault, len(found))
	for i, x := range found {
		faults[i] = fault{Finding: x, customer: customer}
	}
	return faults, u.ok()
}
