package editor

import (
	"testing"
)

// What is there stays as it is written: comments, order, commas and indentation.
func TestMerge(t *testing.T) {
	set := func(s *settings) { s.set("c/*.yaml", "yaml.schemas", "./s.json") }
	add := func(s *settings) { s.add("x", func(old any) bool { return old == "x" }, "list") }
	remove := func(name string) func(*settings) {
		return func(s *settings) { s.remove(func(n string, v any) bool { return n == name || v == name }, "o") }
	}
	for name, c := range map[string]struct {
		change    func(*settings)
		was, want string
	}{
		"nothing is there": {set, "", "{\n  \"yaml.schemas\": {\n    \"./s.json\": \"c/*.yaml\"\n  }\n}\n"},
		"an empty object":  {set, "{}", "{\n  \"yaml.schemas\": {\n    \"./s.json\": \"c/*.yaml\"\n  }\n}"},
		"beside others": {set, "{\n\t// size\n\t\"editor.fontSize\": 12 // small\n}\n",
			"{\n\t// size\n\t\"editor.fontSize\": 12, // small\n\t\"yaml.schemas\": {\n\t\t\"./s.json\": \"c/*.yaml\"\n\t}\n}\n"},
		"a comma at the end": {set, "{\n  \"a\": [1, 2,],\n  /* end */\n}\n",
			"{\n  \"a\": [1, 2,],\n  \"yaml.schemas\": {\n    \"./s.json\": \"c/*.yaml\"\n  },\n  /* end */\n}\n"},
		"one more": {set, "{\n  \"yaml.schemas\": {\n    \"./o.json\": \"o.yaml\", // mine\n    \"./p.json\": \"p.yaml\" // also\n  }\n}\n",
			"{\n  \"yaml.schemas\": {\n    \"./o.json\": \"o.yaml\", // mine\n    \"./p.json\": \"p.yaml\", // also\n    \"./s.json\": \"c/*.yaml\"\n  }\n}\n"},
		"another value": {set, `{"yaml.schemas": {"./s.json": ["old"] /* why */}}`, `{"yaml.schemas": {"./s.json": "c/*.yaml" /* why */}}`},
		"the same":      {set, `{ "yaml.schemas" : {"./s.json" :"c\/*.yaml"} } // as it was`, `{ "yaml.schemas" : {"./s.json" :"c\/*.yaml"} } // as it was`},
		"in one line":   {set, `{"a": 1}`, "{\"a\": 1,\n  \"yaml.schemas\": {\n    \"./s.json\": \"c/*.yaml\"\n  }\n}"},
		"no object":     {set, `{"yaml.schemas": null}`, "{\"yaml.schemas\": {\n  \"./s.json\": \"c/*.yaml\"\n}}"},
		"CR LF":         {set, "{\r\n  \"a\": 1 // x\r\n}\r\n", "{\r\n  \"a\": 1, // x\n  \"yaml.schemas\": {\n    \"./s.json\": \"c/*.yaml\"\n  }\r\n}\r\n"},

		"a list in one line": {add, `{"list": ["a", "b"]}`, `{"list": ["a", "b", "x"]}`},
		"a list of lines":    {add, "{\n  \"list\": [\n    \"a\" // first\n  ]\n}", "{\n  \"list\": [\n    \"a\", // first\n    \"x\"\n  ]\n}"},
		"an empty list":      {add, "{\n  \"list\": []\n}", "{\n  \"list\": [\n    \"x\"\n  ]\n}"},
		"listed already":     {add, `{"list": ["x", "a",]}`, `{"list": ["x", "a",]}`},
		"no list":            {add, `{}`, "{\n  \"list\": [\n    \"x\"\n  ]\n}"},

		"the only one goes":    {remove("a"), "{\"o\": {\n  // why\n  \"a\": 1\n}}", "{\"o\": {\n  // why\n}}"},
		"the last one goes":    {remove("b"), "{\"o\": {\n  \"a\": 1, // first\n  \"b\": 2\n}}", "{\"o\": {\n  \"a\": 1 // first\n}}"},
		"the first one goes":   {remove("a"), "{\"o\": {\n  \"a\": 1, // first\n  // second\n  \"b\": 2\n}}", "{\"o\": {\n  // second\n  \"b\": 2\n}}"},
		"one in a line goes":   {remove("b"), `{"o": {"a": 1, "b": 2, "c": 3}}`, `{"o": {"a": 1, "c": 3}}`},
		"a comma in a comment": {remove("a"), `{"o": {"a": 1 /* x, y */, "b": 2}}`, `{"o": { "b": 2}}`},
		"an item goes":         {remove("b"), `{"o": ["a", "b", "b", "c"]}`, `{"o": ["a", "c"]}`},
		"what is not there":    {remove("x"), `{"o": {"a": 1}}`, `{"o": {"a": 1}}`},
		"set where it is not":  {func(s *settings) { s.setNew(1, "a"); s.setNew(2, "b") }, `{"a": 0}`, "{\"a\": 0,\n  \"b\": 2\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settings{text: []byte(c.was)}
			c.change(s)
			if s.err != nil || string(s.text) != c.want {
				t.Fatalf("%v\ngot:\n%s\nwant:\n%s", s.err, s.text, c.want)
			}
			c.change(s)
			if s.err != nil || string(s.text) != c.want {
				t.Errorf("again: %v\n%s", s.err, s.text)
			}
		})
	}
}

// A file that cannot be read is left alone, and the line is named.
func TestMergeRefuses(t *testing.T) {
	for was, want := range map[string]string{
		"[]":                         "this is no JSON with comments",
		"{\n  \"a\": 1\n  \"b\": 2}": "line 3: a comma is missing: this is no JSON with comments",
		"{\"a\": 1 /* ":              "line 1: a comment does not end: this is no JSON with comments",
		"{\"a\": tru}":               "line 1: a value is missing: this is no JSON with comments",
		"{\"a\"":                     "line 1: a colon is missing: this is no JSON with comments",
		"{\"a\": \"\n\"}":            "line 1: a quotation mark is missing: this is no JSON with comments",
		"{} x":                       "line 1: something stands behind the end: this is no JSON with comments",
	} {
		s := &settings{text: []byte(was)}
		s.set(1, "x")
		if s.err == nil || s.err.Error() != want || string(s.text) != was {
			t.Errorf("%q: %v, want %s; %q", was, s.err, want, s.text)
		}
	}
}

// Whatever stands in a settings file, it is changed into one that holds what it held and the change, or refused.
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a": [1, 2,], /* x */ "yaml.schemas": {"./s.json": 1}, }`, "{\n // c\n}", `{"yaml.schemas": {"a":1//`, `{"yaml.schemas":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, was string) {
		s := &settings{text: []byte(was)}
		s.set("g", "yaml.schemas", "./s.json")
		s.add("x", func(old any) bool { return old == "x" }, "list")
		if s.err != nil {
			return
		}
		after, err := parseJSON(s.text)
		if err != nil {
			t.Fatalf("%q became %q: %v", was, s.text, err)
		}
		m := after.decoded(s.text).(map[string]any)
		schemas, _ := m["yaml.schemas"].(map[string]any)
		if list, _ := m["list"].([]any); schemas["./s.json"] != "g" || len(list) == 0 {
			t.Fatalf("%q became %q", was, s.text)
		}
		once := string(s.text)
		s.set("g", "yaml.schemas", "./s.json")
		if s.err != nil || string(s.text) != once {
			t.Fatalf("%q became %q, and then %q: %v", was, once, s.text, s.err)
		}
		s.remove(func(name string, _ any) bool { return name == "./s.json" }, "yaml.schemas")
		if _, err := parseJSON(s.text); s.err != nil || err != nil {
			t.Fatalf("%q became %q: %v %v", once, s.text, s.err, err)
		}
	})
}
