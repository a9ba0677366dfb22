package hook

import (
	"fmt"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
)

// A request is what is posted: exactly one of Get, List and Steps.
type request struct {
	Version int      `json:"version"` // of the protocol: 1
	SentAt  string   `json:"sent_at"` // RFC 3339
	Get     string   `json:"get,omitempty"`
	List    *listing `json:"list,omitempty"`
	Steps   []step   `json:"steps,omitempty"`
}

// A listing asks for objects whose keys begin with Prefix and come after After, in the order of their bytes.
type listing struct {
	Prefix string `json:"prefix"`
	After  string `json:"after"`
}

type step struct {
	Key       string        `json:"key"`
	Body      *[]byte       `json:"body,omitempty"` // in base64; absent for an object to delete
	IfAbsent  bool          `json:"if_absent,omitempty"`
	IfVersion *sink.Version `json:"if_version,omitempty"`
	Type      string        `json:"content_type,omitempty"`
}

func stepsOf(steps []sink.Step) []step {
	all := make([]step, 0, len(steps))
	for _, s := range steps {
		one := step{Key: s.Key}
		if !s.Delete {
			body := append([]byte{}, s.Body...)
			one.Body, one.Type, one.IfAbsent = &body, sink.ContentType(s.Key), s.Cond.Absent()
		}
		if v, ok := s.Cond.Version(); ok {
			one.IfVersion = &v
		}
		all = append(all, one)
	}
	return all
}

// gotten answers Get.
type gotten struct {
	Body    *[]byte      `json:"body"`
	Version sink.Version `json:"version"`
}

// written answers Steps.
type written struct {
	Versions map[string]sink.Version `json:"versions"`
}

// listed answers List.
type listed struct {
	Objects []object `json:"objects"`
	More    bool     `json:"more"` // there are others after the last of them
}

type object struct {
	Key      string       `json:"key"`
	Version  sink.Version `json:"version"`
	Size     int64        `json:"size"`
	Modified float64      `json:"modified"` // seconds since 1970
}

func (o object) object() sink.Object {
	return sink.Object{Key: o.Key, Version: o.Version, Size: o.Size, ModTime: time.UnixMicro(int64(o.Modified * 1e6)).UTC()}
}

// check refuses a page that would lead a reader astray, or never end.
func (l listed) check(prefix, after string) error {
	for _, o := range l.Objects {
		if !strings.HasPrefix(o.Key, prefix) || o.Key <= after || o.Version == "" || sink.CheckKey(o.Key) != nil {
			return fmt.Errorf("the answer lists %.100q with the version %q after %.100q: only keys with the prefix, sorted by their bytes, each with a version", o.Key, o.Version, after)
		}
		after = o.Key
	}
	if l.More && len(l.Objects) == 0 {
		return fmt.Errorf("the answer says that there is more after %.100q, and lists nothing", after)
	}
	return nil
}
