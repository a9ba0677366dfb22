package document

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"

	yaml4 "go.yaml.in/yaml/v4"

	"github.com/tamerhq/tamer/internal/finding"
)

// syntaxFinding says where a file that the parser refused is wrong, and what to write. The parser's own line is often
// that of the token after the fault, or missing; its successor keeps both the place of the fault and that of the
// construct around it, so a refused file is read a second time with that.
func syntaxFinding(src []byte, refused error) finding.Finding {
	f := finding.Finding{Rule: "yaml", Level: finding.Failure}
	problem, at := secondLook(src)
	if problem == "" {
		problem, at = firstLook(refused)
	}
	f.At.Start = at
	f.Message, f.Fix = explain(problem)
	return f
}

func secondLook(src []byte) (problem string, at finding.Place) {
	defer func() {
		if recover() != nil {
			problem = ""
		}
	}()
	dec, err := yaml4.NewLoader(strings.NewReader(string(src)))
	if err != nil {
		return "", at
	}
	for err == nil {
		var n yaml4.Node
		err = dec.Load(&n)
	}
	var le *yaml4.LoadError
	if !errors.As(err, &le) || le.Mark.Line == 0 {
		return "", at
	}
	mark := le.Mark
	if opens(le.ContextMsg, le.Message) && le.ContextMark.Line > 0 {
		mark = le.ContextMark
	}
	at = finding.Place{Line: mark.Line, Column: max(mark.Column, 1)}
	if strings.Contains(le.Message, "did not find expected node content") {
		if offset, bracket := unclosed(src); bracket != 0 {
			return "did not find expected ',' or '" + string(bracket+2) + "'", (&text{src: src}).spanAt(offset).Start
		}
	}
	return le.Message, at
}

// unclosed finds the innermost bracket that the text never closes, passing over quoted texts and comments. In ASCII each
// closing bracket stands two places after its opening one.
func unclosed(src []byte) (offset int, bracket byte) {
	var open []int
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '[' || c == '{':
			open = append(open, i)
		case (c == ']' || c == '}') && len(open) > 0 && src[open[len(open)-1]]+2 == c:
			open = open[:len(open)-1]
		case c == '#' && (i == 0 || src[i-1] == ' ' || src[i-1] == '\n'):
			for i < len(src) && src[i] != '\n' {
				i++
			}
		case (c == '"' || c == '\'') && i > 0 && strings.IndexByte(" \n[{,:", src[i-1]) >= 0:
			end := bytes.IndexByte(src[i+1:], c)
			if end < 0 {
				break
			}
			i += 1 + end
		}
	}
	if len(open) == 0 {
		return 0, 0
	}
	return open[len(open)-1], src[open[len(open)-1]]
}

// opens tells whether the fault is that something was never closed: it is then shown where it was opened.
func opens(context, problem string) bool {
	return strings.Contains(context, "quoted scalar") && strings.Contains(problem, "end of stream") ||
		strings.Contains(context, "flow") && strings.Contains(problem, "did not find expected")
}

var lineOf = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

func firstLook(err error) (string, finding.Place) {
	m := lineOf.FindStringSubmatch(err.Error())
	if m == nil {
		return err.Error(), finding.Place{Line: 1, Column: 1}
	}
	line, _ := strconv.Atoi(m[1])
	return m[2], finding.Place{Line: max(line, 1), Column: 1}
}

// explain says the parser's problem in words for people who edit text, with what to write instead.
func explain(problem string) (message, fix string) {
	for _, e := range explanations {
		if strings.Contains(problem, e.problem) {
			return e.message, e.fix
		}
	}
	return "this is not valid YAML: " + problem, "compare the line, and the one before it, with a file that works"
}

var explanations = []struct{ problem, message, fix string }{
	{"mapping values are not allowed", "a colon stands where no new key can begin",
		`put the value in quotes if the colon belongs to it; else start a new line with the same indentation as its neighbours`},
	{"did not find expected key", "this line is not indented like its neighbours",
		"give it the same number of spaces as the other keys of its mapping"},
	{"did not find expected '-' indicator", "this line does not belong to the list that it stands in",
		`start it with "- " like the other items, or indent it like the key that it belongs to`},
	{"did not find expected ',' or ']'", `this "[" is never closed`, `close the list with "]", put a comma between its items, and put texts that hold brackets or braces in quotes`},
	{"did not find expected ',' or '}'", `this "{" is never closed`, `close the mapping with "}", put a comma between its entries, and put texts that hold brackets or braces in quotes`},
	{"found unexpected end of stream", "this quote is never closed", "write the same quote again where the text ends"},
	{"found character that cannot start any token", "this character cannot begin a value",
		"indent with spaces instead of tabs; put a value that begins with @, `, % or a tab in quotes"},
	{"found a tab character", "a tab stands where only spaces can", "indent with spaces instead"},
	{"could not find expected ':'", "a key without a colon", `write "key: value", or indent the line if it continues the text above`},
	{"unknown escape character", `a backslash in "double quotes" begins an escape, and this one is unknown`,
		`write \\ for a backslash, or use 'single quotes'`},
	{"unknown anchor", "this alias names an anchor that is not defined above it", "define it with &name at an earlier value, or put the text in quotes if * belongs to it"},
	{"block sequence entries are not allowed", "a list item cannot begin here", "start the list on a line of its own, below its key"},
	{"invalid leading UTF-8 octet", "the file is not UTF-8 text", "save it with the encoding UTF-8"},
	{"invalid trailing UTF-8 octet", "the file is not UTF-8 text", "save it with the encoding UTF-8"},
	{"control characters are not allowed", "the file holds a control character that YAML forbids", `remove it, or write it as an escape such as "\x07" in double quotes`},
	{"exceeded max depth", "values are nested too deeply", "nest less deeply"},
}
