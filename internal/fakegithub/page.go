package fakegithub

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// pages are the templates by name, each with the layout around it.
var pages = func() map[string]*template.Template {
	out := map[string]*template.Template{}
	for _, name := range []string{"home", "repo", "pull", "files", "run"} {
		t := template.New("layout.html").Funcs(template.FuncMap{"short": short, "title": sentence})
		out[name] = template.Must(t.ParseFS(pageFiles, "page/layout.html", "page/icons.html", "page/"+name+".html"))
	}
	return out
}()

func short(sha string) string { return sha[:min(7, len(sha))] }

// sentence writes a word of the API for people: in_progress is In progress.
func sentence(word string) string {
	word = strings.ToLower(strings.ReplaceAll(word, "_", " "))
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// pageRoutes are the pages for people and the forms in them.
func (s *Server) pageRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.show("home", s.homePage))
	mux.HandleFunc("GET /{owner}/{repo}", s.show("repo", s.repoPage))
	mux.HandleFunc("GET /{owner}/{repo}/pull/{number}", s.show("pull", s.pullPage))
	mux.HandleFunc("GET /{owner}/{repo}/pull/{number}/files", s.show("files", s.filesPage))
	mux.HandleFunc("GET /{owner}/{repo}/pull/{number}/checks", s.toChecks)
	mux.HandleFunc("GET /{owner}/{repo}/runs/{id}", s.show("run", s.runPage))
	mux.HandleFunc("GET /{owner}/{repo}/blob/{sha}/{path...}", s.showBlob)
	mux.HandleFunc("GET /avatars/{login}", showAvatar)
	mux.HandleFunc("GET /-/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "page/style.css")
	})
	mux.HandleFunc("POST /-/actor", s.chooseActor)
	mux.HandleFunc("POST /{owner}/{repo}/pull/{number}/{action}", s.act)
	mux.HandleFunc("POST /{owner}/{repo}/runs/{id}/{action}", s.actOnRun)
	mux.HandleFunc("POST /settings/apps/new", s.offerManifest)
	mux.HandleFunc("POST /organizations/{org}/settings/apps/new", s.offerManifest)
	mux.HandleFunc("POST /settings/apps/manifest", s.makeApp)
	own := http.NewCrossOriginProtection()
	own.AddInsecureBypassPattern("POST /settings/apps/new") // as GitHub does: the person has to agree
	own.AddInsecureBypassPattern("POST /organizations/{org}/settings/apps/new")
	return own.Handler(mux)
}

// A frame is what every page shows around its own content.
type frame struct {
	Actor   string // the login that the forms act as
	Actors  []string
	Back    string // where a form leads back to
	Problem string // why the last form did nothing
	Title   string
	Content any
}

const actorCookie = "actor"

// show makes a page of what content gives; a nil content is not found. The content is made under the lock.
func (s *Server) show(name string, content func(*http.Request, *frame) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		f := &frame{Actor: s.actor(r), Actors: s.actors(), Back: r.URL.EscapedPath(), Problem: r.URL.Query().Get("problem")}
		f.Content = content(r, f)
		s.mu.Unlock()
		if f.Content == nil {
			http.Error(w, "There is nothing here.", http.StatusNotFound)
			return
		}
		var b bytes.Buffer
		if err := pages[name].Execute(&b, f); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(b.Bytes())
	}
}

// actors are those whom a visitor can act as: everybody who is no organization and no bot.
func (s *Server) actors() []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(s.users)) {
		if u := s.users[key]; !u.Org && !u.bot() && u.Login != appOwner && u.ID != webFlowID {
			out = append(out, u.Login)
		}
	}
	return out
}

// actor is who the visitor acts as: the one chosen, or the first.
func (s *Server) actor(r *http.Request) string {
	all := s.actors()
	if c, err := r.Cookie(actorCookie); err == nil && slices.Contains(all, c.Value) {
		return c.Value
	}
	if len(all) > 0 {
		return all[0]
	}
	return ""
}

func (s *Server) chooseActor(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: actorCookie, Value: r.FormValue("login"), Path: "/", SameSite: http.SameSiteStrictMode, HttpOnly: true})
	back(w, r, nil)
}

// back leads from a form to the page that it was on, with what went wrong.
func back(w http.ResponseWriter, r *http.Request, problem error) {
	to := r.FormValue("back")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		to = "/"
	}
	if problem != nil {
		to += "?problem=" + url.QueryEscape(problem.Error())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// pageRepo gives the repository that the path names.
func (s *Server) pageRepo(r *http.Request) (*repo, bool) {
	return s.find(r.PathValue("owner"), r.PathValue("repo"))
}

// ago is how long ago a time is, as people say it.
func (s *Server) ago(t time.Time) string {
	some := func(n int, unit string) string {
		if n == 1 {
			return "1 " + unit + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, unit)
	}
	switch d := s.cfg.Now().Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return some(int(d.Minutes()), "minute")
	case d < 24*time.Hour:
		return some(int(d.Hours()), "hour")
	}
	return "on " + t.Format("2 Jan 2006")
}

// showBlob shows a file as plain text.
func (s *Server) showBlob(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.pageRepo(r)
	if !ok || !isSHA(r.PathValue("sha")) {
		http.NotFound(w, r)
		return
	}
	text, err := found.dir.file(r.PathValue("sha"), r.PathValue("path"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(text))
}

// showAvatar draws the first letter of a login on a colour of its own.
func showAvatar(w http.ResponseWriter, r *http.Request) {
	login := r.PathValue("login")
	hue := 0
	for _, c := range strings.TrimSuffix(login, "[bot]") { // an app and its bot look the same
		hue = (hue*31 + int(c)) % 360
	}
	letter := template.HTMLEscapeString(strings.ToUpper(string([]rune(login)[:1])))
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(%d 55%% 45%%)"/>`+
		`<text x="20" y="27" font-family="sans-serif" font-size="20" font-weight="600" fill="#fff" text-anchor="middle">%s</text></svg>`, hue, letter)
}
