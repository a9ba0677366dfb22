package status

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

//go:embed page
var files embed.FS

// A frame is what every page has around its content.
type frame struct {
	Title   string
	Version string
	Trail   []link // what leads here
	Person  *person
	SignIn  bool // people can sign in
	Here    string
	Notice  string
	Data    any
}

type link struct{ Name, URL string }

// content is one page: the template that shows it, and what it shows.
type content struct {
	template string
	title    string
	trail    []link
	data     any
}

// labelled are changes with a name for their table that no other one on the page has.
type labelled struct {
	Label string
	Lines []changeLine
}

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"ago": ago, "labelled": func(label string, lines []changeLine) labelled { return labelled{label, lines} }, "short": func(c forge.Commit) string { return c.Short() }, "unit": unitName, "at": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"day": func(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04") + " UTC" },
}).ParseFS(files, "page/*.html"))

// page shows what f finds.
func (s *Status) page(f func(r *http.Request) (content, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := f(r)
		code := http.StatusOK
		if err != nil {
			code = http.StatusInternalServerError
			if errors.Is(err, fs.ErrNotExist) {
				code = http.StatusNotFound
			}
			c = content{template: "problem", title: "This cannot be shown", trail: []link{{"Overview", "/"}}, data: err.Error()}
		}
		s.show(w, r, code, c)
	}
}

func (s *Status) show(w http.ResponseWriter, r *http.Request, code int, c content) {
	f := frame{Title: c.title, Version: s.cfg.Version, Trail: c.trail, Person: s.sessions.person(r), SignIn: s.cfg.SignIn.possible(), Here: r.URL.RequestURI(), Data: c.data}
	switch r.URL.Query().Get("done") {
	case "replay":
		f.Notice = "The delivery is worked once more."
	case "resume":
		f.Notice = "Production follows its branch again; the deploy is under way."
	}
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, c.template, f); err != nil {
		http.Error(w, "the page cannot be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(body.Bytes()) // who asked may be gone
}

func style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, files, "page/status.css")
}

// unitName gives a customer's name, or what the shared configs are called.
func unitName(unit string) string {
	if unit == "" {
		return "shared configs"
	}
	return unit
}

// ago gives a time span in the one unit that says most.
func ago(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if d >= u.size {
			return decimal(int64(d/u.size)) + " " + u.name
		}
	}
	return decimal(int64(d/time.Second)) + " s"
}

// to makes an address on this page: pairs are names and values of its query, and those without a value are left out.
func to(path string, pairs ...string) string {
	q := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// pathOf gives the address of a repository's page.
func pathOf(repo forge.Repo) string {
	return "/r/" + url.PathEscape(repo.Owner) + "/" + url.PathEscape(repo.Name)
}

// Page gives the address of the page about what a channel serves of a repository, where browsers reach the pages at base, which has no slash at
// its end.
func Page(base string, repo forge.Repo, channel string) string {
	return base + served{Repo: repo, Channel: channel}.URL("")
}

// local tells whether an address leads to this page: one that begins with a slash, and names no host.
func local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.ContainsAny(address, "\\\r\n") && u.Host == "" && u.Scheme == ""
}
