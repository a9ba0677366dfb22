package fakegithub

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// markdown renders as GitHub does. Of raw HTML it keeps what folds a part of a text away, and paints differences.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(blocks{}, 100))))

func rendered(text string) template.HTML {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(text), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(text))
	}
	return template.HTML(b.String())
}

// blocks renders the blocks in which GitHub differs from goldmark.
type blocks struct{}

func (blocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHTMLBlock, htmlBlock)
	r.Register(ast.KindFencedCodeBlock, fencedCode)
}

// folding are the only tags that are kept, each on a line of its own, with text that needs no escape.
var folding = regexp.MustCompile(`^(<details><summary>[^<>&]*</summary>|</details>)$`)

func htmlBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	lines := node.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		if line := bytes.TrimSpace(at.Value(source)); entering && folding.Match(line) {
			_, _ = w.Write(append(line, '\n')) // the writer keeps its error
		}
	}
	return ast.WalkContinue, nil
}

// fencedCode paints the lines of a difference by their first character.
func fencedCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	language := string(node.(*ast.FencedCodeBlock).Language(source))
	_, _ = w.WriteString("<pre><code>")
	lines := node.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		text := strings.TrimSuffix(string(at.Value(source)), "\n")
		class := ""
		if language == "diff" && text != "" {
			class = map[byte]string{'+': "added", '-': "deleted", '!': "changed"}[text[0]]
		}
		if class == "" {
			_, _ = w.WriteString(template.HTMLEscapeString(text) + "\n")
			continue
		}
		_, _ = w.WriteString(`<span class="md-` + class + `">` + template.HTMLEscapeString(text) + "</span>\n")
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}
