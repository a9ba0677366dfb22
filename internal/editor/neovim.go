package editor

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/policy"
)

// The lines between which all is written anew.
const (
	luaBegins = "-- tamer editor: from here"
	luaEnds   = "-- tamer editor: to here"
)

// neovim sets up Neovim 0.11 and later (neovim.io/doc/user/lsp.html), which reads .nvim.lua of a project where exrc is set.
func neovim(r repository) ([]File, error) {
	const name = ".nvim.lua"
	was, err := r.read(name)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintln(&b, luaBegins+", this is written anew by it.")
	b.WriteString("vim.lsp.config('yamlls', {\n  cmd = { 'yaml-language-server', '--stdio' },\n  filetypes = { 'yaml' },\n" +
		"  root_markers = { '.tamer.yaml', '.git' },\n  settings = {\n    yaml = {\n      schemas = {\n")
	for _, a := range r.schemas {
		if globs := a.of(false); len(globs) > 0 {
			fmt.Fprintf(&b, "        [%s] = { %s },\n", luaText("./"+a.schema), luaTexts(globs))
		}
	}
	fmt.Fprintf(&b, "        [%s] = { %s },\n", luaText("./"+policySchema), luaText(policy.Path))
	b.WriteString("      },\n    },\n  },\n})\nvim.lsp.config('tamer', {\n  cmd = { 'tamer', 'lsp' },\n  filetypes = { 'yaml', 'json' },\n" +
		"  root_markers = { '.tamer.yaml', '.git' },\n})\nvim.lsp.enable({ 'yamlls', 'tamer' })\n")
	fmt.Fprintln(&b, luaEnds)
	now, err := between(was, b.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	schema, err := r.copyOfPolicySchema()
	return []File{{name, was, now}, schema}, err
}

// between puts a block in the place of the one that is there, or at the end.
func between(was []byte, block string) ([]byte, error) {
	from := bytes.Index(was, []byte(luaBegins))
	if from < 0 {
		if len(was) > 0 && !bytes.HasSuffix(was, []byte("\n")) {
			block = "\n" + block
		}
		return append(bytes.Clone(was), block...), nil
	}
	to := bytes.Index(was[from:], []byte(luaEnds))
	if to < 0 {
		return nil, fmt.Errorf("the line %q is there, and %q is not: put it where tamer's part ends", luaBegins, luaEnds)
	}
	to += from + len(luaEnds)
	if i := bytes.IndexByte(was[to:], '\n'); i >= 0 {
		to += i + 1
	} else {
		to = len(was)
	}
	return bytes.Join([][]byte{was[:from], []byte(block), was[to:]}, nil), nil
}

func luaTexts(texts []string) string {
	var all []string
	for _, t := range texts {
		all = append(all, luaText(t))
	}
	return strings.Join(all, ", ")
}

// luaText writes a text as Lua reads it: file names hold no line breaks that matter to anybody.
func luaText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(text) + "'"
}
