package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
)

// ParseFile is Parse for a file of a name: where that ends with .json, the file must be JSON as well (RFC 8259), since it is deployed
// as it is, to programs that read nothing else.
func ParseFile(name string, src []byte, limits Limits) ([]*Document, []finding.Finding) {
	docs, found := Parse(src, limits)
	if path.Ext(name) != ".json" || len(found) > 0 && found[0].Rule != "yaml" || json.Valid(src) {
		return docs, found
	}
	f, sure := notJSON(src)
	switch {
	case len(found) > 0 && !sure: // YAML has better words for it
		return docs, found
	case len(docs) == 0:
		return nil, []finding.Finding{f}
	}
	return docs, append(found, f)
}

// A jsonFault is why a source is no JSON.
type jsonFault struct {
	src  []byte
	at   int    // of the character that encoding/json refuses
	said string // by encoding/json

	start, end   int // of what is to be changed
	message, fix string
	by           *string // what to write there instead, where that is certain
}

// notJSON gives the finding for what is no JSON; sure tells whether it names the fault itself.
func notJSON(src []byte) (f finding.Finding, sure bool) {
	f = finding.Finding{Rule: "yaml", Level: finding.Failure}
	text, _ := decoded(src)
	if len(text) < len(src) {
		f.Rule, f.At = "encoding", newText(text).spanAt(0)
		f.Message, f.Fix = "this file begins with a byte order mark, which JSON does not take", `save it with the encoding "UTF-8", without BOM`
		return f, true
	}
	j := jsonFault{src: src}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(src, new(json.RawMessage)); errors.As(err, &syntax) {
		j.at, j.said = max(int(syntax.Offset)-1, 0), err.Error()
	}
	// It takes the end of the file for a space where something is begun.
	if strings.Contains(j.said, "unexpected end") || strings.Contains(j.said, "' '") && j.at < len(src) && src[j.at] != ' ' {
		j.at = len(bytes.TrimRight(src, " \t\r\n"))
	}
	j.start, j.end = j.at, j.at+1
	j.message = "this is YAML, and the name of the file says that it is JSON"
	j.fix = "write names and texts in double quotes, commas between items, and brackets or braces around them"
	for _, explain := range []func() bool{j.comment, j.comma, j.singleQuotes, j.inText, j.word} {
		if sure = explain(); sure {
			break
		}
	}
	if !sure {
		j.between()
	}
	t := newText(src)
	if f.At.Start = t.placeOf(j.start); j.start < j.end && j.end <= len(src) && src[j.start] != '\n' {
		f.At.End = t.placeOf(j.end)
	}
	f.Message, f.Fix = j.message, j.fix
	if j.by != nil {
		f.Edit = &finding.Edit{At: f.At, Text: *j.by}
	}
	return f, sure
}

func (j *jsonFault) rest() []byte { return j.src[min(j.at, len(j.src)):] }

func (j *jsonFault) comment() bool {
	rest := j.rest()
	if !bytes.HasPrefix(rest, []byte("#")) && !bytes.HasPrefix(rest, []byte("//")) && !bytes.HasPrefix(rest, []byte("/*")) {
		return false
	}
	j.message, j.fix = "JSON takes no comments", "remove the comment"
	j.end = j.at + lineLength(rest)
	return true
}

func (j *jsonFault) comma() bool {
	before := bytes.TrimRight(j.src[:j.at], " \t\r\n")
	rest := j.rest()
	switch {
	case len(rest) == 0:
	case (rest[0] == ']' || rest[0] == '}') && bytes.HasSuffix(before, []byte(",")):
		j.start, j.end, j.by = len(before)-1, len(before), new(string)
		j.message, j.fix = "JSON takes no comma after the last item", "remove the comma"
		return true
	case rest[0] == ',' && strings.Contains(j.said, "looking for beginning"):
		j.message, j.fix = explain("comma too many")
		return true
	}
	return false
}

func (j *jsonFault) singleQuotes() bool {
	rest := j.rest()
	if len(rest) == 0 || rest[0] != '\'' {
		return false
	}
	j.message, j.fix = "texts need double quotes in JSON", "write the text in double quotes"
	if end := quotedEnd(rest[:lineLength(rest)]); end > 0 && !bytes.ContainsAny(rest[:end], `"\`) {
		j.end = j.at + end
		j.replaced(`"` + strings.ReplaceAll(string(rest[1:end-1]), "''", "'") + `"`)
	}
	return true
}

func (j *jsonFault) replaced(by string) {
	j.fix, j.by = "write "+short(by), &by
}

// word explains a number, a text without quotes, and true, false or null, as JSON does not write them.
func (j *jsonFault) word() bool {
	isPart := func(r rune) bool { return r > ' ' && !strings.ContainsRune(`,:[]{}"'#`, r) }
	start := bytes.LastIndexFunc(j.src[:j.at], func(r rune) bool { return !isPart(r) }) + 1
	end := len(j.src)
	if i := bytes.IndexFunc(j.src[start:], func(r rune) bool { return !isPart(r) }); i >= 0 {
		end = start + i
	}
	word := string(j.src[start:end])
	first := start == len(j.src)-len(bytes.TrimLeft(j.src, " \t\r\n"))
	if first {
		j.start, j.end = start, end
	}
	if json.Valid([]byte(word)) || strings.Trim(word, "-") == "" || strings.ContainsAny(word[:1], "&*!|>%@`?<") {
		return false
	}
	value, number := resolvePlain(word)
	switch value {
	case kindNumber:
		j.message, j.fix = fmt.Sprintf("JSON does not write numbers like %s", short(word)), "write the number as "+short(number)
		j.by = &number
	case kindNull, kindTrue, kindFalse:
		j.message = fmt.Sprintf("JSON does not know %s", word)
		j.replaced(map[scalarKind]string{kindNull: "null", kindTrue: "true", kindFalse: "false"}[value])
	default:
		if first || start == j.at && !strings.Contains(j.said, "looking for beginning") {
			return false
		}
		if i := bytes.IndexAny(j.src[start:], ",:[]{}\"'#\r\n"); i >= 0 {
			end = start + len(bytes.TrimRight(j.src[start:start+i], " \t"))
		}
		j.message = "texts need double quotes in JSON"
		j.replaced(`"` + strings.ReplaceAll(string(j.src[start:end]), `\`, `\\`) + `"`)
	}
	j.start, j.end = start, end
	return true
}

// inText explains what a text in double quotes cannot hold.
func (j *jsonFault) inText() bool {
	rest := j.rest()
	switch {
	case len(rest) == 0:
		return false
	case strings.Contains(j.said, "in string literal") && rest[0] == '\t':
		j.message = "a text of JSON cannot hold a tab"
		j.replaced(`\t`)
	case strings.Contains(j.said, "in string literal"):
		j.message, j.fix = "a text of JSON ends on the line where it begins", `write \n where a new line begins, and go on behind it`
	case strings.Contains(j.said, "escape code"), strings.Contains(j.said, "hexadecimal"):
		j.start = bytes.LastIndexByte(j.src[:j.at], '\\')
		j.message, j.fix = "JSON does not know this escape", `write the character itself, or \\ for a backslash`
	default:
		return false
	}
	return true
}

// between explains what is missing before the character, if YAML does not.
func (j *jsonFault) between() {
	rest := bytes.TrimSpace(j.src)
	switch {
	case len(rest) == 0:
		j.message, j.fix = "this file holds nothing, which is no JSON", "write a value, such as {}"
	case strings.Contains(j.said, "after top-level value"):
		j.message, j.fix = "JSON holds one value, and here another one begins", "keep one of them in this file"
	case strings.Contains(j.said, "after object key:value"), strings.Contains(j.said, "after array element"):
		j.message, j.fix = "a comma is missing here", "put a comma between two items"
	}
}
