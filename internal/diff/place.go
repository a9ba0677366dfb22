package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A step is one part of the way to a value. The first one is the position of the document in its file.
type step struct {
	up    *step
	token string
	label string // what people call an item of a list, such as vip; empty: its position
	item  bool   // of a list, not a mapping
}

// way gives the steps from the first to s.
func (s *step) way() []*step {
	way := make([]*step, s.depth())
	for i := len(way) - 1; i >= 0; i, s = i-1, s.up {
		way[i] = s
	}
	return way
}

// below is the next step; nil after no step at all.
func (s *step) below(token string) *step {
	if s == nil {
		return nil
	}
	return &step{up: s, token: token}
}

// amongItems tells whether the way leads through a list.
func (s *step) amongItems() bool {
	for ; s != nil; s = s.up {
		if s.item {
			return true
		}
	}
	return false
}

func (s *step) depth() int {
	n := 0
	for ; s != nil; s = s.up {
		n++
	}
	return n
}

// tokens are those of the JSON Pointer within the document.
func (s *step) tokens() []string {
	tokens := make([]string, s.depth()-1)
	for i := len(tokens) - 1; i >= 0; i, s = i-1, s.up {
		tokens[i] = s.token
	}
	return tokens
}

func (s *step) document() int {
	for s.up != nil {
		s = s.up
	}
	n, _ := strconv.Atoi(s.token)
	return n
}

// name is the place for people, such as segments[vip].threshold.
func (s *step) name() string {
	var b strings.Builder
	for i, one := range s.way()[1:] {
		switch {
		case one.item:
			b.WriteString("[" + cmp.Or(one.label, one.token) + "]")
		case !plain(one.token):
			b.WriteString("[" + strconv.Quote(one.token) + "]")
		case i == 0:
			b.WriteString(one.token)
		default:
			b.WriteString("." + one.token)
		}
	}
	return b.String()
}

// plain tells whether a text can stand in a name without quotes.
func plain(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(".[]\"'`\\", r)
	})
}

// maxLabel bounds the length of an identity in a name, in characters.
const maxLabel = 60

// label is what an item with this identity is called. One that could be taken for a position stands after its key.
func label(key string, identity any) string {
	text, isText := identity.(string)
	if !isText {
		return key + "=" + scalarText(identity)
	}
	if runes := []rune(text); len(runes) > maxLabel {
		text = string(runes[:maxLabel]) + "…"
	}
	if plain(text) && strings.Trim(text, "0123456789") != "" {
		return text
	}
	return strconv.Quote(text)
}

// scalarText writes a scalar as JSON does.
func scalarText(v any) string {
	b, err := marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}

// Pointer is the JSON Pointer of the change's path.
func (c Change) Pointer() string { return document.Pointer(c.Path) }

// compareChanges orders changes by document and path, a removal before what took its place.
func compareChanges(a, b Change) int {
	return cmp.Or(cmp.Compare(a.Document, b.Document), comparePaths(a.Path, b.Path), cmp.Compare(rank(a.Op), rank(b.Op)))
}

func rank(op Op) int { return slices.Index([]Op{Remove, Move, Add, Modify}, op) }

// comparePaths orders paths so that what is around a value comes before it, and items come by position.
func comparePaths(a, b []string) int {
	return slices.CompareFunc(a, b, func(a, b string) int {
		na, nb := isPosition(a), isPosition(b)
		switch {
		case na && nb:
			return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
		case na != nb:
			if na {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	})
}

func isPosition(token string) bool {
	return token != "" && strings.Trim(token, "0123456789") == "" && (token[0] != '0' || token == "0")
}
