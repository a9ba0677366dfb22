package schema

import (
	"slices"
	"strings"
	"unicode"
)

// A runeSet is a set of characters: sorted pairs of first and last, neither overlapping nor touching.
type runeSet [][2]rune

func setOf(pairs ...[2]rune) runeSet {
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var s runeSet
	for _, p := range pairs {
		if n := len(s); n > 0 && p[0] <= s[n-1][1]+1 {
			s[n-1][1] = max(s[n-1][1], p[1])
			continue
		}
		s = append(s, p)
	}
	return s
}

func single(r rune) runeSet { return runeSet{{r, r}} }

func (s runeSet) union(t runeSet) runeSet { return setOf(slices.Concat(s, t)...) }

func (s runeSet) complement() runeSet {
	var c runeSet
	next := rune(0)
	for _, p := range s {
		if p[0] > next {
			c = append(c, [2]rune{next, p[0] - 1})
		}
		next = p[1] + 1
	}
	if next <= unicode.MaxRune {
		c = append(c, [2]rune{next, unicode.MaxRune})
	}
	return c
}

// The classes of ECMA-262, section 22.2.2.9 (CharacterClassEscape), and what "." matches.
var (
	digitSet = runeSet{{'0', '9'}}
	wordSet  = setOf([2]rune{'0', '9'}, [2]rune{'A', 'Z'}, [2]rune{'_', '_'}, [2]rune{'a', 'z'})
	spaceSet = setOf(append(tableSet(unicode.Zs), [2]rune{'\t', '\r'}, [2]rune{0xfeff, 0xfeff}, [2]rune{0x2028, 0x2029})...)
	dotSet   = setOf([2]rune{'\n', '\n'}, [2]rune{'\r', '\r'}, [2]rune{0x2028, 0x2029}).complement()
)

func tableSet(t *unicode.RangeTable) runeSet {
	var pairs [][2]rune
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			pairs = append(pairs, [2]rune{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			pairs = append(pairs, [2]rune{r, r})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return setOf(pairs...)
}

// propertySet gives the characters of \p{name}: a general category, Script=…, or a binary property.
func propertySet(name string) (runeSet, bool) {
	if kind, value, ok := strings.Cut(name, "="); ok {
		switch kind {
		case "Script", "sc", "Script_Extensions", "scx":
			t, known := unicode.Scripts[value]
			if !known {
				return nil, false
			}
			return tableSet(t), true
		case "General_Category", "gc":
			return categorySet(value)
		}
		return nil, false
	}
	union := func(names ...string) (runeSet, bool) {
		var all runeSet
		for _, n := range names {
			if t, ok := unicode.Categories[n]; ok {
				all = all.union(tableSet(t))
			} else {
				all = all.union(tableSet(unicode.Properties[n]))
			}
		}
		return all, true
	}
	switch name {
	case "Any":
		return runeSet(nil).complement(), true
	case "ASCII":
		return runeSet{{0, 0x7f}}, true
	case "Alphabetic", "Alpha":
		return union("L", "Nl", "Other_Alphabetic")
	case "Lowercase", "Lower":
		return union("Ll", "Other_Lowercase")
	case "Uppercase", "Upper":
		return union("Lu", "Other_Uppercase")
	case "space":
		return union("White_Space")
	}
	if s, ok := categorySet(name); ok {
		return s, true
	}
	if t, ok := unicode.Properties[name]; ok {
		return tableSet(t), true
	}
	if t, ok := unicode.Scripts[name]; ok { // not of ECMA-262, and what many write
		return tableSet(t), true
	}
	return nil, false
}

func categorySet(name string) (runeSet, bool) {
	if short, ok := unicode.CategoryAliases[name]; ok {
		name = short
	}
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return tableSet(t), true
}
