// Package examples holds a small, believable configuration repository, and changes to it that tell a story: tamer's
// demo, its documentation and its tests share them.
package examples

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed all:shop
var shop embed.FS

//go:embed changes/*.txtar
var changes embed.FS

// Shop gives the files of the configuration repository, with its root as root. Everything in it is valid.
func Shop() fs.FS {
	sub, err := fs.Sub(shop, "shop")
	if err != nil {
		panic(err) // only if the name above is no valid path
	}
	return sub
}

// Change gives a change to the files of Shop: the whole new content by path, and the paths that it removes. The names
// are those of the files in changes/:
//
//   - good: one customer's threshold changes, and a segment with its campaign is new;
//   - broken: two customers, six faults; broken-fixed: the same files without them;
//   - new-type: a schema, and the first config of its type.
//
// No two of them touch the same file, but for broken and broken-fixed. The error wraps fs.ErrNotExist for another name.
func Change(name string) (files map[string][]byte, removed []string, err error) {
	data, err := fs.ReadFile(changes, "changes/"+name+".txtar")
	if err != nil {
		return nil, nil, fmt.Errorf("read change %q: %w", name, err)
	}
	files, removed = parse(data)
	return files, removed, nil
}

// parse reads a txtar archive. Lines "removed: PATH" in the comment at its top name the files that the change removes.
func parse(data []byte) (files map[string][]byte, removed []string) {
	archive := txtar.Parse(data)
	for line := range strings.Lines(string(archive.Comment)) {
		if path, ok := strings.CutPrefix(line, "removed: "); ok {
			removed = append(removed, strings.TrimSpace(path))
		}
	}
	files = make(map[string][]byte, len(archive.Files))
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	return files, removed
}
