package validate

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"path"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
)

// A recall is what one side uses of the cache. What it finds out goes there in parts.
type recall struct {
	cache Cache
	salt  string // what everything rests on: the program and the limits

	mu    sync.Mutex
	types map[string]Key
	plan  []Key          // that will be asked for, about in this order
	got   map[Key][]byte // of the plan, not asked for yet; nil: not there
	fresh map[Key][]byte
}

// judgement is raised when what is kept means something else than before although the program has the same name.
const judgement = "1"

// newRecall gives nil where nothing is to be kept.
func newRecall(opts Options) *recall {
	if opts.Cache == nil || opts.Build == "" {
		return nil
	}
	return &recall{cache: opts.Cache, salt: fmt.Sprintf("%s\x00%s\x00%v", judgement, opts.Build, opts.Limits),
		types: map[string]Key{}, got: map[Key][]byte{}, fresh: map[Key][]byte{}}
}

// keyOf is the digest of all the parts.
func keyOf(parts ...string) Key {
	h := sha256.New()
	for _, p := range parts {
		addPart(h, p)
	}
	return Key(h.Sum(nil))
}

func addPart(h hash.Hash, p string) {
	h.Write(binary.AppendUvarint(nil, uint64(len(p))))
	h.Write([]byte(p))
}

// fileKey is the digest of all that judging a file by itself rests on, if its content has the name.
func (s *side) fileKey(f policy.File, object string) (Key, error) {
	typ, err := s.typeKey(f.Type)
	return keyOf(string(typ[:]), path.Ext(f.Path), object), err
}

// typeKey is the digest of what all files of a type rest on.
func (s *side) typeKey(typ string) (Key, error) {
	s.recall.mu.Lock()
	key, known := s.recall.types[typ]
	s.recall.mu.Unlock()
	if known {
		return key, nil
	}
	defs, err := s.Definitions()
	if err != nil {
		return key, err
	}
	parts := []string{"file", s.recall.salt, typ, defs.Of(typ).Digest}
	if compiled, why := schemaOf(s.Catalog, typ); compiled != nil {
		parts = append(parts, "by", compiled.Digest())
	} else {
		parts = append(parts, "because", why.Rule, why.Message, why.Fix)
	}
	key = keyOf(parts...)
	s.recall.mu.Lock()
	s.recall.types[typ] = key
	s.recall.mu.Unlock()
	return key, nil
}

// expect tells which files will be judged, about in this order, so that the cache is asked for many at once.
func (s *side) expect(files []policy.File) error {
	if s.recall == nil {
		return nil
	}
	plan := make([]Key, 0, len(files))
	for _, f := range files {
		if f.Object == "" {
			continue
		}
		key, err := s.fileKey(f, f.Object)
		if err != nil {
			return err
		}
		plan = append(plan, key)
		if s.altered[f.Type] && s.opts.KeepValues {
			plan = append(plan, s.recall.valuesKey(f, f.Object))
		}
	}
	s.recall.mu.Lock()
	s.recall.plan = plan
	s.recall.mu.Unlock()
	return nil
}

// entriesAtOnce bounds what one question to the cache asks for, and how many entries wait to go there.
const entriesAtOnce = 500

// get gives an entry; nil where there is none.
func (r *recall) get(key Key) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, known := r.got[key]
	if !known {
		n := min(entriesAtOnce, len(r.plan))
		ask := append(r.plan[:n:n], key)
		r.plan = r.plan[n:]
		found := r.cache.Get(ask)
		for _, k := range ask {
			r.got[k] = found[k]
		}
		b = r.got[key]
	}
	delete(r.got, key)
	return b
}

// put adds an entry.
func (r *recall) put(key Key, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh[key] = b
	if len(r.fresh) >= entriesAtOnce {
		r.flush()
	}
}

func (r *recall) flush() {
	if len(r.fresh) > 0 {
		r.cache.Put(maps.Clone(r.fresh))
		clear(r.fresh)
	}
}

// save hands on what is left.
func (s *side) save() {
	if s == nil || s.recall == nil {
		return
	}
	s.recall.mu.Lock()
	defer s.recall.mu.Unlock()
	s.recall.flush()
}

// work judges one file by itself, or recalls what was found out about the same content.
func (s *side) work(f policy.File) (*judged, error) {
	if bad := badName(f); bad != nil {
		return unread(*bad), nil
	}
	if f.Mode&fs.ModeType != 0 {
		return unread(catalog.Irregular(f.Path)), nil
	}
	if j, err := s.recalled(f, f.Object); err != nil || j != nil {
		return j, err
	}
	if j, err := s.byValues(f); err != nil || j != nil {
		return j, err
	}
	src, large, err := read(s.Tree, f.Path, s.opts.Limits)
	if err != nil {
		return nil, err
	}
	if large != nil {
		return unread(*large), nil
	}
	return s.workOn(f, src)
}

// workOn judges what was read. Its name is worked out from the content itself: a file may change after it was listed.
func (s *side) workOn(f policy.File, src []byte) (*judged, error) {
	object := ""
	if s.recall != nil {
		if object = objectName(src, f.Object); object != f.Object {
			if j, err := s.recalled(f, object); err != nil || j != nil {
				return j, err
			}
		}
	}
	defs, err := s.Definitions()
	if err != nil {
		return nil, err
	}
	compiled, why := schemaOf(s.Catalog, f.Type)
	docs, found := document.ParseFile(f.Path, src, s.opts.Limits)
	if len(found) == 0 {
		s.keepValues(f, object, docs, compiled)
	}
	j := judgeDocuments(docs, found, f.Path, compiled, why, defs.Of(f.Type))
	if j.object = object; object != "" {
		key, err := s.fileKey(f, object)
		if err != nil {
			return nil, err
		}
		s.recall.put(key, packJudged(j, f.Path))
	}
	return j, nil
}

// recalled gives what is known of a file with that content; nil for nothing.
func (s *side) recalled(f policy.File, object string) (*judged, error) {
	if s.recall == nil || object == "" {
		return nil, nil
	}
	key, err := s.fileKey(f, object)
	if err != nil {
		return nil, err
	}
	b := s.recall.get(key)
	if b == nil {
		return nil, nil
	}
	j, ok := unpackJudged(b, f.Path)
	if !ok {
		return nil, nil
	}
	j.object = object
	return j, nil
}

// objectName gives the name that git gives to a content, in the form of another name: SHA-1, unless that is SHA-256.
func objectName(src []byte, like string) string {
	h := sha1.New()
	if len(like) == hex.EncodedLen(sha256.Size) {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(src))
	h.Write(src)
	return hex.EncodeToString(h.Sum(nil))
}
