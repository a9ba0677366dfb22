package governance

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Owners tells whose files are, as CODEOWNERS says it. The zero Owners knows nobody.
type Owners struct{ lines []ownedBy }

type ownedBy struct {
	pattern *regexp.Regexp
	owners  []string // empty: nobody
}

// ownersPaths are where GitHub looks for the file; the first one counts. maxOwners is how large it may be.
// Source: docs.github.com, "About code owners".
var ownersPaths = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

const maxOwners = 3 << 20

// ReadOwners reads the CODEOWNERS of a tree. A file that is too large owns nothing, as on GitHub.
func ReadOwners(tree fs.FS) (Owners, error) {
	for _, path := range ownersPaths {
		info, err := fs.Lstat(tree, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Owners{}, fmt.Errorf("read %s: %w", path, err)
		}
		if !info.Mode().IsRegular() || info.Size() > maxOwners {
			return Owners{}, nil
		}
		text, err := fs.ReadFile(tree, path)
		if err != nil {
			return Owners{}, fmt.Errorf("read %s: %w", path, err)
		}
		return parseOwners(string(text)), nil
	}
	return Owners{}, nil
}

func parseOwners(text string) Owners {
	var o Owners
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if line == "" || line[0] == '#' {
			continue
		}
		// A space within a path has a backslash before it.
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, "\x00"))
		pattern := ownersPattern(strings.ReplaceAll(fields[0], "\x00", " "))
		if pattern == nil { // GitHub skips the line
			continue
		}
		o.lines = append(o.lines, ownedBy{pattern, fields[1:]})
	}
	return o
}

// ownersPattern makes an expression of a pattern, which is one of gitignore but for !, [ ] and a # that is escaped; nil where it is
// one of these.
func ownersPattern(pattern string) *regexp.Regexp {
	if strings.ContainsAny(pattern, `![]\`) {
		return nil
	}
	rest, anchored := strings.CutPrefix(pattern, "/")
	anchored = anchored || strings.Contains(strings.TrimSuffix(rest, "/"), "/")
	var b strings.Builder
	b.WriteString(`^`)
	if !anchored {
		b.WriteString(`(?:.*/)?`)
	}
	for i := 0; i < len(rest); i++ {
		switch {
		case strings.HasPrefix(rest[i:], "**/"):
			b.WriteString(`(?:.*/)?`)
			i += 2
		case strings.HasPrefix(rest[i:], "**"):
			b.WriteString(`.*`)
			i++
		case rest[i] == '*':
			b.WriteString(`[^/]*`)
		case rest[i] == '?':
			b.WriteString(`[^/]`)
		default:
			b.WriteString(regexp.QuoteMeta(rest[i : i+1]))
		}
	}
	switch {
	case strings.HasSuffix(rest, "/"):
		b.WriteString(`.*`)
	case strings.HasSuffix(rest, "/*"): // the files of a directory, but not those further down
	default:
		b.WriteString(`(?:/.*)?`)
	}
	compiled, err := regexp.Compile(b.String() + `$`)
	if err != nil {
		return nil
	}
	return compiled
}

// Of gives the owners of a file as they are written: "@login", "@organization/team" or an e-mail address. The last line that matches
// counts.
func (o Owners) Of(path string) []string {
	for i := len(o.lines) - 1; i >= 0; i-- {
		if o.lines[i].pattern.MatchString(path) {
			return o.lines[i].owners
		}
	}
	return nil
}
