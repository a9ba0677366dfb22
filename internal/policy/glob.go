package policy

import "strings"

// Globs gives patterns of the files of a kind and a type, as editors and shells read them: * stands for one name and ** for one or
// more. What means something else in such a pattern is given as ?, which stands for any character.
func (l Layout) Globs(kind Kind, typ string) []string {
	var globs []string
	for _, p := range l.patterns {
		if p.kind != kind {
			continue
		}
		rest, glob := p.text, ""
		for at := placeholder.FindStringIndex(rest); at != nil; at = placeholder.FindStringIndex(rest) {
			glob += anyCharacter(rest[:at[0]])
			switch name := rest[at[0]:at[1]]; {
			case strings.HasPrefix(name, "{type"):
				glob += anyCharacter(typ)
			case strings.HasSuffix(name, "...}"):
				glob += "**"
			default:
				glob += "*"
			}
			rest = rest[at[1]:]
		}
		globs = append(globs, glob+anyCharacter(rest))
	}
	return globs
}

func anyCharacter(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`*?[]{}()!+@|\^$"<>`, r) {
			return '?'
		}
		return r
	}, text)
}
