package app

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
)

// keyOf is a variable's name in the settings file: TAMER_APP_ID is app_id.
func keyOf(name string) string { return strings.ToLower(strings.TrimPrefix(name, "TAMER_")) }

// A value is what was read, and where.
type value struct {
	name string // of the variable, or of the key in the settings file and its line
	text string // empty where nothing is set
}

// shown says what was read, but no secret. An address with a user or a query may hold a password.
func (v value) shown(s setting) string {
	switch {
	case v.text == "":
		return "not set"
	case s.secret || strings.ContainsAny(v.text, "@?"):
		return fmt.Sprintf("(set, %d bytes)", len(v.text))
	}
	return fmt.Sprintf("read %.100q", v.text)
}

// places are where settings may be written.
type places struct {
	getenv   func(string) (string, bool)
	readFile func(string) ([]byte, error)
	inFile   map[string]value // of the settings file, by key
	kept     map[string]value // of the file that registering the app has written, by key
}

// find reads one setting from the first place that has it: tamer's variables, Probot's, the settings file, its preset.
func (p places) find(s setting) (value, *Mistake) {
	tamer := [2]value{p.variable(s.name), p.variable(fileTwin(s, s.name))}
	probot := [2]value{p.variable(s.probot), p.variable(s.path)}
	file := [2]value{p.inFile[keyOf(s.name)], p.inFile[keyOf(fileTwin(s, s.name))]}
	for _, pair := range [][2]value{tamer, probot, file} {
		here, elsewhere := pair[0], pair[1]
		switch {
		case here.text != "" && elsewhere.text != "":
			return value{}, &Mistake{Name: here.name, Read: here.shown(s), Want: elsewhere.name + " is set too; unset one of them"}
		case here.text != "":
			return here, nil
		case elsewhere.text != "":
			return p.content(elsewhere)
		}
	}
	if v := p.kept[keyOf(s.name)]; v.text != "" {
		return v, nil
	}
	return value{name: s.name, text: s.preset}, nil
}

// fileTwin is the name of the variable that names a secret's file; empty for what is no secret.
func fileTwin(s setting, name string) string {
	if !s.secret {
		return ""
	}
	return name + "_FILE"
}

func (p places) variable(name string) value {
	if name == "" {
		return value{}
	}
	text, _ := p.getenv(name)
	return value{name: name, text: text}
}

// content reads the file that v names.
func (p places) content(v value) (value, *Mistake) {
	text, err := p.readFile(v.text)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = errors.New("the file is empty")
	}
	if err != nil {
		if e := (*fs.PathError)(nil); errors.As(err, &e) {
			err = e.Err // without the path, which is shown already
		}
		return value{}, &Mistake{Name: v.name, Read: shownPath(v.text), Want: fmt.Sprintf("write the path of a file that tamer can read: %v", err)}
	}
	return value{name: v.name, text: strings.TrimRight(string(text), "\r\n")}, nil
}

// shownPath says what was read, but not what may be a secret that somebody put where its path belongs.
func shownPath(path string) string {
	if strings.HasPrefix(path, "/") || strings.HasPrefix(path, ".") {
		return fmt.Sprintf("read %.100q", path)
	}
	return fmt.Sprintf("(set, %d bytes)", len(path))
}

// parseFile reads the settings file, which is a YAML mapping of keys to plain values, but for outsideKeys.
func parseFile(src []byte) (map[string]value, *document.Document, Mistakes) {
	docs, found := document.Parse(src, document.Limits{Bytes: 1 << 20})
	if len(found) > 0 {
		return nil, nil, fileFaults(found)
	}
	whole := Mistake{Name: "settings file", Want: "write one mapping of settings, such as app_id: 123456"}
	if len(docs) != 1 {
		whole.Read = fmt.Sprintf("holds %d documents", len(docs))
		return nil, nil, Mistakes{whole}
	}
	if docs[0].Value == nil {
		return nil, nil, nil
	}
	all, ok := docs[0].Value.(map[string]any)
	if !ok {
		whole.Read = "holds no mapping"
		return nil, nil, Mistakes{whole}
	}
	known := knownKeys()
	values, mistakes := map[string]value{}, Mistakes{}
	lineOf := func(key string) int { return docs[0].Find([]string{key}).Key.Start.Line }
	for _, key := range slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Compare(lineOf(a), lineOf(b)) }) {
		name := fmt.Sprintf("%s (settings file, line %d)", key, lineOf(key))
		text, plain := scalar(all[key])
		switch {
		case slices.Contains(outsideKeys, key):
		case !slices.Contains(known, key):
			mistakes = append(mistakes, Mistake{Name: name, Read: "there is no such setting", Want: instead(keyOf(key), known)})
		case !plain:
			mistakes = append(mistakes, Mistake{Name: name, Read: "holds no plain value", Want: "write one text or number"})
		default:
			values[key] = value{name: name, text: text}
		}
	}
	return values, docs[0], mistakes
}

func fileFaults(found []finding.Finding) Mistakes {
	var mistakes Mistakes
	for _, f := range found {
		mistakes = append(mistakes, Mistake{Name: fmt.Sprintf("settings file, line %d", f.At.Start.Line), Read: f.Message, Want: f.Fix})
	}
	return mistakes
}

// scalar gives a text or number as it was written, and nothing for null.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

func knownKeys() []string {
	var keys []string
	for _, s := range settings {
		keys = append(keys, keyOf(s.name))
		if twin := fileTwin(s, s.name); twin != "" {
			keys = append(keys, keyOf(twin))
		}
	}
	return append(keys, outsideKeys...)
}

func instead(key string, known []string) string {
	if name, ok := near.Name(key, known); ok {
		return "write " + name
	}
	return "write one of " + strings.Join(known, ", ")
}
