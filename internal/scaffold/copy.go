package scaffold

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Mention is a place where a copy still names the customer that it was made from, within a longer text.
type Mention struct {
	Path string
	Line int
	Text string
}

// Copy gives the files of a customer that are those of another one, byte for byte but for values: what is just an old name becomes the
// new one of renames. A value that is just the other customer's name becomes the new customer's.
func Copy(c *catalog.Catalog, from, to string, renames map[string]string) ([]File, []Mention, error) {
	files, err := c.Find(policy.Query{Kind: policy.Config, Customer: from})
	if err != nil {
		return nil, nil, err
	}
	names := map[string]string{from: to}
	for old, name := range renames {
		names[old] = name
	}
	var (
		out      []File
		mentions []Mention
	)
	for _, f := range files {
		src, err := fs.ReadFile(c.Tree, f.Path)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", f.Path, err)
		}
		at, err := PathOf(c.Policy.Layout, to, f.Type, path.Ext(f.Path))
		if err != nil {
			return nil, nil, err
		}
		text, err := replaced(at, src, func(s string) (any, error) {
			if name, ok := names[s]; ok {
				return name, nil
			}
			return s, nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		out = append(out, File{at, text})
		line := 0
		for content := range strings.Lines(string(text)) {
			if line++; strings.Contains(strings.ReplaceAll(content, to, ""), from) {
				mentions = append(mentions, Mention{at, line, strings.TrimSpace(content)})
			}
		}
	}
	return out, mentions, nil
}
