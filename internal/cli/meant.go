package cli

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rewrite"
)

// unmatched says that no config matches a pattern, and what may be meant by it.
func unmatched(glob, root string, configs []policy.File) error {
	if len(configs) == 0 {
		return fmt.Errorf("there is no config below %s: change to the directory of the configuration repository", root)
	}
	first := configs[0]
	how := "write " + first.Path
	if first.Kind == policy.Config {
		how = fmt.Sprintf("write CUSTOMER/TYPE such as %s/%s, or a path from the top of the repository such as %s", first.Customer, first.Type, first.Path)
	}
	return fmt.Errorf("no config matches %q%s; %s", glob, guessed(respelled(glob, configs)), how)
}

// respelled corrects the spelling of a customer or a type in a pattern; "" where nothing is near.
func respelled(glob string, configs []policy.File) string {
	known := map[string]bool{}
	for _, f := range configs {
		known[f.Customer], known[f.Type] = true, true
		for part := range strings.SplitSeq(path.Dir(f.Path), "/") {
			known[part] = true
		}
	}
	delete(known, "")
	names := slices.Sorted(maps.Keys(known))
	parts := strings.Split(glob, "/")
	for i, part := range parts {
		ending := path.Ext(part)
		name := strings.TrimSuffix(part, ending)
		if name == "" || known[name] || strings.ContainsAny(name, "*?{") {
			continue
		}
		meant, ok := near.Name(name, names)
		if !ok {
			return ""
		}
		parts[i] = meant + ending
	}
	pattern, err := rewrite.ParseGlob(strings.Join(parts, "/"))
	if err != nil || len(pattern.Among(configs)) == 0 {
		return ""
	}
	return strings.Join(parts, "/")
}

// missing says, of the first of files, which part of a pointer it lacks, and what may be meant; "" where it lacks nothing.
func missing(tree fs.FS, files []policy.File, at []string) string {
	src, err := fs.ReadFile(tree, files[0].Path)
	if err != nil {
		return ""
	}
	docs, _ := document.Parse(src, document.Limits{})
	for _, d := range docs {
		value := d.Value
		for i, token := range at {
			if all := rewrite.Expand(value, []string{token}); token == "*" && len(all) > 0 {
				token = all[0][0]
			}
			below, there := document.ValueAt(value, []string{token})
			if !there {
				holder, _ := value.(map[string]any)
				meant, _ := near.Name(token, slices.Sorted(maps.Keys(holder)))
				return fmt.Sprintf("; %s has no %s%s", files[0].Path, document.Pointer(at[:i+1]), guessed(meant))
			}
			value = below
		}
	}
	return ""
}

func guessed(meant string) string {
	if meant == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", meant)
}
