package rewrite

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tamerhq/tamer/internal/policy"
)

// A Glob is a pattern of paths: * and ? stand for characters of a name, ** for any names, {a,b} for one of these. A path below one
// that it matches is matched too. What has no match so may match CUSTOMER/TYPE.
type Glob struct{ match *regexp.Regexp }

// ParseGlob reads a pattern. The error says what to write.
func ParseGlob(text string) (Glob, error) {
	var b strings.Builder
	depth := 0
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch c, rest := runes[i], string(runes[i:]); {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		case c == '{':
			depth++
			b.WriteString("(?:")
		case c == '}' && depth > 0:
			depth--
			b.WriteString(")")
		case c == ',' && depth > 0:
			b.WriteString("|")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	if depth > 0 {
		return Glob{}, fmt.Errorf("%q has a brace without its pair: write {a,b}", text)
	}
	if text == "" {
		return Glob{}, fmt.Errorf("the pattern of paths is empty: write such as customers/*/plan.yaml, or ** for all")
	}
	match, err := regexp.Compile("(?s)^(?:" + b.String() + ")(?:/.*)?$")
	if err != nil {
		return Glob{}, fmt.Errorf("%q is no pattern of paths: %w", text, err)
	}
	return Glob{match}, nil
}

// Among gives the configs that the pattern matches, in their order.
func (g Glob) Among(files []policy.File) []policy.File {
	var paths, names []policy.File
	for _, f := range files {
		if g.match.MatchString(f.Path) {
			paths = append(paths, f)
		} else if f.Kind == policy.Config && g.match.MatchString(f.Customer+"/"+f.Type) {
			names = append(names, f)
		}
	}
	if len(paths) > 0 {
		return paths
	}
	return names
}
