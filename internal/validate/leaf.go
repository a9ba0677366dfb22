package validate

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A leaf is a scalar of a config that is reached through mappings only, and is not null.
type leaf struct {
	pointer string
	value   string // see kept
	secret  bool
}

// maxKept bounds the characters that are kept of a value.
const maxKept = 100

// kept is a value to compare: a long one is its beginning, and after the line break a digest of all of it.
func kept(v catalog.Value) string {
	if utf8.RuneCountInString(string(v)) <= maxKept {
		return string(v)
	}
	sum := sha256.Sum256([]byte(v))
	return string([]rune(string(v))[:maxKept]) + "\n" + hex.EncodeToString(sum[:])
}

// shown shows what was kept of a value.
func shown(value string) string {
	v := catalog.Value(value)
	if _, isText := v.Text(); isText {
		return v.String() // which cuts before the digest
	}
	number, _, cut := strings.Cut(v.String(), "\n")
	if cut {
		number += "…"
	}
	return number
}

// A leafReader gives the leaves of the configs of one type.
type leafReader struct {
	side   *side
	schema *schema.Schema // that tells what is secret; nil where the type has none
}

func (l leafReader) key(object string) Key {
	digest := ""
	if l.schema != nil {
		digest = l.schema.Digest()
	}
	return keyOf("leaves", l.side.recall.salt, digest, object)
}

// expect tells which files will be read, about in this order.
func (l leafReader) expect(files []policy.File) {
	r := l.side.recall
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan = r.plan[:0:0]
	for _, f := range files {
		if f.Object != "" {
			r.plan = append(r.plan, l.key(f.Object))
		}
	}
}

// read gives the leaves of a file, sorted by pointer: none of one that cannot be read as one document, whose faults are said elsewhere.
func (l leafReader) read(f policy.File) ([]leaf, error) {
	if f.Mode&fs.ModeType != 0 {
		return nil, nil
	}
	r := l.side.recall
	if r != nil && f.Object != "" {
		if leaves, ok := unpackLeaves(r.get(l.key(f.Object))); ok {
			return leaves, nil
		}
	}
	src, large, err := read(l.side.Tree, f.Path, l.side.opts.Limits)
	if err != nil || large != nil {
		return nil, err
	}
	var leaves []leaf
	if docs, found := document.Parse(src, l.side.opts.Limits); len(docs) == 1 && len(found) == 0 {
		leaves = l.of(docs[0])
	}
	if r != nil {
		r.put(l.key(objectName(src, f.Object)), packLeaves(leaves))
	}
	return leaves, nil
}

// places gives the places at which some of the files have a value.
func (l leafReader) places(files []policy.File, of func(policy.File) bool) (map[string]bool, error) {
	places := map[string]bool{}
	for _, f := range files {
		if !of(f) {
			continue
		}
		leaves, err := l.read(f)
		if err != nil {
			return nil, err
		}
		for _, leaf := range leaves {
			if len(places) <= maxPlaces {
				places[leaf.pointer] = true
			}
		}
	}
	return places, nil
}

// maxPointer bounds the bytes of the pointers of leaves: what lies deeper is not compared.
const maxPointer = 300

// of gives the leaves of a document. Where it would take too much work to tell what is secret, all of it is.
func (l leafReader) of(doc *document.Document) []leaf {
	secret, all := map[string]bool{}, false
	if l.schema != nil {
		all = len(l.schema.Walk(doc, schema.WithSecret, func(tokens []string, _ bool, _ any, _ *schema.Keywords) {
			secret[document.Pointer(tokens)] = true
		})) > 0
	}
	var (
		leaves []leaf
		visit  func(pointer string, v any, within bool)
	)
	visit = func(pointer string, v any, within bool) {
		if len(pointer) > maxPointer {
			return
		}
		within = within || secret[pointer]
		if m, ok := v.(map[string]any); ok {
			for _, name := range slices.Sorted(maps.Keys(m)) {
				visit(pointer+document.Pointer([]string{name}), m[name], within)
			}
		} else if value, ok := catalog.ValueOf(v); ok {
			leaves = append(leaves, leaf{pointer, kept(value), within})
		}
	}
	visit("", doc.Value, all)
	return leaves
}

func packLeaves(leaves []leaf) []byte {
	p := &packer{}
	pack(p, leaves, func(l leaf) {
		p.prefixed(l.pointer)
		p.text(l.value)
		p.flag(l.secret)
	})
	return p.sealed()
}

func unpackLeaves(b []byte) ([]leaf, bool) {
	if b == nil {
		return nil, false
	}
	u := unseal(b)
	leaves := unpack(u, func() leaf { return leaf{u.prefixed(), u.text(), u.flag()} })
	return leaves, u.ok()
}
