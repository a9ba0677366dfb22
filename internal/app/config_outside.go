package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/external"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/source"
	"github.com/tamerhq/tamer/schemas"
)

// Keys of the settings file that hold more than a plain value: the operator's own systems.
var outsideKeys = []string{"sources", "external_checks", "sinks", "override_teams"}

var settingsSchema = sync.OnceValue(func() *schema.Schema {
	s, found := schema.NewSet(schemas.FS).Compile("settings.schema.json")
	if s == nil {
		panic(fmt.Sprintf("app: the published schema is wrong: %v", found))
	}
	return s
})

// The shapes of the settings file. Its form is judged by the schema before.
type (
	sourceInFile struct {
		Repositories                  []string
		Postgres, MySQL, SQLite, HTTP string
		PostgresFile                  string `json:"postgres_file"`
		MySQLFile                     string `json:"mysql_file"`
		HeaderFile                    string `json:"header_file"`
		PlainHTTP                     bool   `json:"plain_http"`
		Budget                        int
		Queries                       map[string]queryInFile
	}
	queryInFile struct {
		SQL, Path, JSON string
		Args            []string
		Rows            int
		Timeout, Cache  duration
	}
	checkInFile struct {
		Repositories, Types, Paths []string
		URL                        string
		SecretFile                 string `json:"secret_file"`
		PlainHTTP                  bool   `json:"plain_http"`
		Timeout                    duration
	}
)

// A duration is written as a text, such as 5s.
type duration struct{ time.Duration }

func (d *duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// An outsideReader reads which systems of the operator's there are.
type outsideReader struct {
	places   places
	doc      *document.Document
	mistakes Mistakes
}

// outside reads those keys. doc is the settings file; nil where there is none.
func (p places) outside(doc *document.Document) (map[string]source.Source, map[string]external.Check, map[string]Sink, Mistakes) {
	if doc == nil {
		return nil, nil, nil, nil
	}
	r := outsideReader{places: p, doc: doc}
	for _, f := range settingsSchema().Validate(doc) {
		name := strings.Join(document.Tokens(f.Pointer), ".")
		r.mistakes = append(r.mistakes, Mistake{Name: fmt.Sprintf("%s (settings file, line %d)", name, f.At.Start.Line), Read: hidden(f.Pointer, f.Message), Want: f.Fix})
	}
	if len(r.mistakes) > 0 {
		return nil, nil, nil, r.mistakes
	}
	var file struct {
		Sources        map[string]sourceInFile
		ExternalChecks map[string]checkInFile `json:"external_checks"`
		Sinks          map[string]sinkInFile
	}
	b, err := json.Marshal(doc.Value)
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	if err != nil {
		return nil, nil, nil, Mistakes{{Name: "settings file", Read: "cannot be read: " + err.Error(), Want: "compare it with docs/live-data.md"}}
	}
	var sources map[string]source.Source
	for _, name := range slices.Sorted(maps.Keys(file.Sources)) {
		if sources == nil {
			sources = map[string]source.Source{}
		}
		sources[name] = r.source([]string{"sources", name}, file.Sources[name])
	}
	var checks map[string]external.Check
	for _, name := range slices.Sorted(maps.Keys(file.ExternalChecks)) {
		if checks == nil {
			checks = map[string]external.Check{}
		}
		checks[name] = r.check([]string{"external_checks", name}, file.ExternalChecks[name])
	}
	all := r.sinks(file.Sinks)
	return sources, checks, all, r.mistakes
}

// hidden is a message about a value that may be a secret without the value.
func hidden(pointer, message string) string {
	if last := path.Base(pointer); last == "postgres" || last == "mysql" || last == "http" || last == "url" {
		return "is no text"
	}
	return message
}

// wrong notes a mistake at the place that tokens lead to.
func (r *outsideReader) wrong(tokens []string, read, want string) {
	name := strings.Join(tokens, ".")
	r.mistakes = append(r.mistakes, Mistake{Name: fmt.Sprintf("%s (settings file, line %d)", name, r.line(tokens)), Read: read, Want: want})
}

func (r *outsideReader) line(tokens []string) int {
	spot := r.doc.Find(tokens)
	return cmp.Or(spot.Key.Start.Line, spot.Value.Start.Line)
}

// secret gives what stands in a file, which the key names.
func (r *outsideReader) secret(tokens []string, key, file string) string {
	if file == "" {
		return ""
	}
	at := append(slices.Clone(tokens), key)
	v, wrong := r.places.content(value{name: fmt.Sprintf("%s (settings file, line %d)", strings.Join(at, "."), r.line(at)), text: file})
	if wrong != nil {
		r.mistakes = append(r.mistakes, *wrong)
		return ""
	}
	return v.text
}

func (r *outsideReader) source(at []string, f sourceInFile) source.Source {
	var kinds []string
	for kind, text := range map[string]string{"postgres": f.Postgres, "postgres_file": f.PostgresFile, "mysql": f.MySQL, "mysql_file": f.MySQLFile, "sqlite": f.SQLite, "http": f.HTTP} {
		if text != "" {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	if len(kinds) != 1 {
		r.wrong(at, fmt.Sprintf("holds %d of postgres, mysql, sqlite and http", len(kinds)), "write one of them, which says what the source is")
	}
	s := source.Source{Repositories: f.Repositories, Postgres: f.Postgres, MySQL: f.MySQL, SQLite: f.SQLite, Budget: f.Budget, Queries: map[string]source.Query{}}
	s.Postgres = cmp.Or(f.Postgres, r.secret(at, "postgres_file", f.PostgresFile))
	s.MySQL = cmp.Or(f.MySQL, r.secret(at, "mysql_file", f.MySQLFile))
	if f.HTTP != "" {
		s.HTTP = r.address(at, "http", f.HTTP, f.PlainHTTP)
		s.Header = r.header(at, f.HeaderFile)
	} else if f.HeaderFile != "" {
		r.wrong(append(at, "header_file"), "is for http only", "remove it")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Queries)) {
		s.Queries[name] = r.query(append(slices.Clone(at), "queries", name), f.Queries[name], f.HTTP != "")
	}
	return s
}

func (r *outsideReader) query(at []string, f queryInFile, overHTTP bool) source.Query {
	switch {
	case overHTTP && (f.Path == "" || f.SQL != "" || f.Args != nil):
		r.wrong(at, "is no query over HTTP", "write path and json, and no sql and args: an argument is {name} in the path")
	case !overHTTP && (f.SQL == "" || f.Path != "" || f.JSON != ""):
		r.wrong(at, "is no query in SQL", "write sql, and args where it has parameters, and no path and json")
	}
	return source.Query{SQL: f.SQL, Args: f.Args, Path: f.Path, JSON: f.JSON, Rows: f.Rows, Timeout: f.Timeout.Duration, Cache: f.Cache.Duration}
}

// headerName is a token. Source: RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// header reads the header that goes with each request, from its file.
func (r *outsideReader) header(at []string, file string) string {
	text := r.secret(at, "header_file", file)
	if text == "" {
		return ""
	}
	name, value, ok := strings.Cut(text, ":")
	if !ok || !headerName.MatchString(name) || strings.ContainsAny(value, "\r\n") {
		r.wrong(append(slices.Clone(at), "header_file"), fmt.Sprintf("(set, %d bytes)", len(text)), "let the file hold one line NAME: VALUE, such as Authorization: Bearer TOKEN")
	}
	return text
}

// address judges where configs or their values are sent: it must be https beyond this machine, unless the operator says otherwise.
func (r *outsideReader) address(at []string, key, text string, plain bool) string {
	clean, err := address(text, "https://example.com/path")
	if u, bad := url.Parse(text); err != nil && plain && bad == nil && u.Scheme == "http" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return strings.TrimRight(text, "/")
	}
	if err != nil {
		want := err.Error()
		if strings.HasPrefix(text, "http://") {
			want = "write https://, or plain_http: true beside it, for configuration is sent there"
		}
		r.wrong(append(slices.Clone(at), key), fmt.Sprintf("(set, %d bytes)", len(text)), want)
	}
	return clean
}

func (r *outsideReader) check(at []string, f checkInFile) external.Check {
	for i, p := range f.Paths {
		if _, err := path.Match(p, ""); err != nil {
			r.wrong(append(slices.Clone(at), "paths", fmt.Sprint(i)), fmt.Sprintf("read %.100q", p), "write a path of the repository, in which * stands for part of one name")
		}
	}
	return external.Check{Repositories: f.Repositories, Types: f.Types, Paths: f.Paths, URL: r.address(at, "url", f.URL, f.PlainHTTP),
		Secret: []byte(r.secret(at, "secret_file", f.SecretFile)), Timeout: f.Timeout.Duration}
}
