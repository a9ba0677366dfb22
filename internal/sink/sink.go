// Package sink holds the words for a store that receives configuration: objects by key, written whole, some of them
// under a condition. Package sinktest is the definition in code: what passes it is a sink.
package sink

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"
)

// A Sink is a store of objects by key. It is safe for concurrent use, and for use by several processes at once.
//
// A reader sees an object whole, as some Put wrote it, or not at all. When Put or Delete has returned nil, the effect
// survives a crash of the machine. Every method refuses a key that CheckKey refuses, and none writes or reads more than MaxObject bytes. Where one key lies below another,
// as "a/b" lies below "a", a sink may refuse to write the second of them; it never reads or deletes one for the other.
type Sink interface {
	// Get gives the object and its version. The error wraps fs.ErrNotExist where there is none.
	Get(ctx context.Context, key string) ([]byte, Version, error)
	// Put writes the object if the condition holds, and gives its new version. The error wraps ErrConflict where the
	// condition does not hold; nothing is written then.
	Put(ctx context.Context, key string, body []byte, cond Condition) (Version, error)
	// Delete removes the object. Deleting what is not there is no error.
	Delete(ctx context.Context, key string) error
	// List gives the objects whose keys begin with the prefix, in the order of their keys' bytes. The prefix is empty or
	// CheckPrefix allows it. What is written or deleted meanwhile may be in it or not; every other object is, once. An
	// error is the last that it gives.
	List(ctx context.Context, prefix string) iter.Seq2[Object, error]
}

// An Object is what a listing tells of one object.
type Object struct {
	Key     string
	Version Version   // as Get gives it
	Size    int64     // in bytes
	ModTime time.Time // of the last Put, by the store's clock; Puts of equal bytes count
}

// A Version names the content of one object. It is opaque: compare it with nothing but Versions of the same key.
// Writings of different bytes have different versions; writings of equal bytes may share one, as in S3. So an object
// that must not go back unseen carries a counter, as a channel carries its generation.
type Version string

// A Condition says when a Put may write. The zero Condition is Always.
type Condition struct {
	absent  bool
	match   bool
	version Version
}

// Always writes whatever is there.
var Always = Condition{}

// IfAbsent writes only where there is no object.
func IfAbsent() Condition { return Condition{absent: true} }

// IfVersion writes only where the object's version is still v, as Get or Put gave it. No object has the empty version.
func IfVersion(v Version) Condition { return Condition{match: true, version: v} }

// Absent tells whether the condition is IfAbsent.
func (c Condition) Absent() bool { return c.absent }

// Version gives the version that the condition asks for, and whether it asks for one.
func (c Condition) Version() (Version, bool) { return c.version, c.match }

// ErrConflict says that somebody else has written the object meanwhile.
var ErrConflict = errors.New("the object has changed meanwhile")

// MaxKey is how many bytes a key may have. S3 allows 1,024, of which MaxPrefix are for what a store puts before its keys.
const (
	MaxKey    = 768
	MaxPrefix = 256
)

// CheckKey refuses a key that could leave its prefix or mean two things: keys are slash-separated, relative, valid
// UTF-8, at most MaxKey bytes, with no empty, "." or ".." segment, no segment over 255 bytes (the limit of file systems),
// no backslash and no control character.
func CheckKey(key string) error {
	switch {
	case key == "":
		return errors.New("an object key is empty")
	case len(key) > MaxKey:
		return fmt.Errorf("object key %.40q… has %d bytes; at most %d are allowed", key, len(key), MaxKey)
	case !utf8.ValidString(key):
		return fmt.Errorf("object key %q is not valid UTF-8", key)
	case strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\\' }):
		return fmt.Errorf("object key %q holds a backslash or a control character", key)
	}
	return checkSegments(key)
}

// CheckPrefix refuses a prefix of a listing that is not whole segments, such as ".tamer/bundles/". The empty one, which
// all keys have, is allowed.
func CheckPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	key, whole := strings.CutSuffix(prefix, "/")
	if !whole {
		return fmt.Errorf("the prefix %q does not end in a slash", prefix)
	}
	return CheckKey(key)
}

func checkSegments(key string) error {
	for seg := range strings.SplitSeq(key, "/") {
		if bare := strings.TrimSpace(seg); seg == "" || bare == "." || bare == ".." { // MinIO looks at them so
			return fmt.Errorf("object key %q has an empty, %q or %q segment", key, ".", "..")
		}
		if len(seg) > 255 {
			return fmt.Errorf("object key %.40q… has a segment of %d bytes; at most 255 are allowed", key, len(seg))
		}
	}
	return nil
}
