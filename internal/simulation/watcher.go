package simulation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/work"
)

// A watcher sees every write to a store, and reads after each one as services do.
type watcher struct {
	run   *run
	store *bucket
}

// keepPreviews is how long a preview is kept that nobody uses, by the policy's default.
const keepPreviews = 14 * 24

// wrote checks one write; now is empty for a removal.
func (w *watcher) wrote(a *attempt, key, before, now string) {
	channel, isChannel := strings.CutPrefix(key, release.ChannelPrefix)
	switch {
	case before == now:
	case key == release.ChannelKey(release.Production):
		w.moved(a, before, now)
	case isChannel && now == "":
		w.expired(a, channel, before)
	case isChannel:
		var c release.Channel
		w.decode(key, now, &c)
		w.whole(c)
	case now == "" && (strings.HasPrefix(key, release.ReleasePrefix) || strings.HasPrefix(key, release.BundlePrefix)):
		w.collected(key)
	}
	w.inside(a, key)
}

func (w *watcher) decode(key, body string, into any) bool {
	if err := json.Unmarshal([]byte(body), into); err != nil {
		w.run.fail(5, "%s holds %q: %v", key, body, err)
		return false
	}
	return true
}

// moved checks that production is moved as it may be.
func (w *watcher) moved(a *attempt, before, now string) {
	var old, c release.Channel
	if now == "" {
		w.run.fail(3, "the channel of production was removed")
		return
	}
	if before != "" && !w.decode("production", before, &old) || !w.decode("production", now, &c) {
		return
	}
	w.whole(c)
	person := a.job.key.Kind == work.Comment
	g := w.run.git
	switch {
	case g.byName[c.Commit] == nil || !w.run.hub.held.has(g.byName[c.Commit].number):
		w.run.fail(2, "%s was never in %s", c.Commit.Short(), trunk)
	case c.Release == old.Release && c.Generation != old.Generation, c.Release != old.Release && c.Generation <= old.Generation:
		w.run.fail(3, "the generation went from %d to %d", old.Generation, c.Generation)
	case old.Exists() && !g.holds(c.Commit, old.Commit) && old.Resumed == nil && !person:
		w.run.fail(3, "production went from %s to %s, which does not descend from it", old.Commit.Short(), c.Commit.Short())
	case old.Hold != nil && (c.Hold == nil || c.Release != old.Release) && !person:
		w.run.fail(3, "production was held, and %s has moved it", a.job.key)
	case c.Hold != nil && (c.Hold.Reason == "" || c.Hold.By == ""):
		w.run.fail(4, "production is held, and nobody knows why")
	}
	for _, h := range []*release.Hold{c.Hold, c.Resumed} {
		if h != nil && h.By != omar.Login && (h.By != "tamer" || !w.run.hub.rewrote) {
			w.run.fail(3, "%s holds production, or lets it go: %s", h.By, h.Reason)
		}
	}
	for unit, hold := range old.Holds {
		if _, still := c.Holds[unit]; !still && !person || hold.Reason == "" {
			w.run.fail(3, "the hold of %s was taken away by %s", unit, a.job.key)
		}
	}
}

// whole reads what a channel points to: all of it is there, and of one commit, but for what is held.
func (w *watcher) whole(c release.Channel) {
	o, ok := w.store.objects[release.ReleaseKey(c.Release)]
	var r release.Release
	if !ok || !w.decode(string(c.Release), o.body, &r) {
		w.run.fail(5, "%s points to the release %s, which is not there", c.Channel, c.Release)
		return
	}
	known := w.run.git.byName[c.Commit]
	if r.Commit != c.Commit || known == nil {
		w.run.fail(5, "%s names %s, and its release %s", c.Channel, c.Commit.Short(), r.Commit.Short())
		return
	}
	for unit, entry := range r.Customers {
		at := known
		if entry.Held != nil {
			if entry.Held.Reason == "" {
				w.run.fail(4, "%s is held, and nobody knows why", unit)
			}
			if at = nil; entry.Held.Commit != nil {
				at = w.run.git.byName[*entry.Held.Commit]
			}
		}
		text, ok := w.text(entry)
		if want := textAt(at, unit); !ok || text != want {
			w.run.fail(5, "%s serves %s %q as of %s, where it is %q", c.Channel, unit, text, c.Commit.Short(), want)
		}
	}
	for _, unit := range customers {
		if _, there := r.Customers[unit]; !there && textAt(known, unit) != "" {
			w.run.fail(5, "%s serves nothing to %s as of %s", c.Channel, unit, c.Commit.Short())
		}
	}
}

// text gives what an entry of a release serves; not ok where a bundle is missing.
func (w *watcher) text(e release.Entry) (string, bool) {
	if e.Bundle == nil {
		return "", true
	}
	o, ok := w.store.objects[release.BundleKey(*e.Bundle)]
	var b release.Bundle
	if !ok || json.Unmarshal([]byte(o.body), &b) != nil {
		return "", false
	}
	return b.Configs["plan"].Text, true
}

func textAt(c *commit, unit string) string {
	if c == nil {
		return ""
	}
	return c.tree.files[planOf(unit)]
}

// expired checks the removal of a preview.
func (w *watcher) expired(a *attempt, name, before string) {
	var c release.Channel
	if !w.decode(name, before, &c) || a.job.key.Kind != work.Tend {
		return
	}
	if age := w.run.now().Sub(c.UpdatedAt); age.Hours() <= keepPreviews && w.reads(c) {
		w.run.fail(10, "the preview %s was removed when it was %s old", c.Channel, age)
	}
}

// reads tells whether all that a channel points to is there.
func (w *watcher) reads(c release.Channel) bool {
	var r release.Release
	o := w.store.objects[release.ReleaseKey(c.Release)]
	if json.Unmarshal([]byte(o.body), &r) != nil {
		return false
	}
	for _, e := range r.Customers {
		if _, ok := w.text(e); !ok {
			return false
		}
	}
	return true
}

// collected checks that an object which is removed is one that no channel leads to.
func (w *watcher) collected(key string) {
	for name, o := range w.store.objects {
		if !strings.HasPrefix(name, release.ChannelPrefix) {
			continue
		}
		var c release.Channel
		if !w.decode(name, o.body, &c) {
			return
		}
		if release.ReleaseKey(c.Release) == key || !w.reads(c) {
			w.run.fail(10, "%s was removed, which %s leads to", key, c.Channel)
		}
	}
}

// inside checks that a piece of work writes only where it may.
func (w *watcher) inside(a *attempt, key string) {
	own := strings.HasPrefix(key, ".tamer/")
	preview := strings.HasPrefix(key, ".branches/") || strings.HasPrefix(key, ".commits/")
	shared := strings.HasPrefix(key, release.BundlePrefix) || strings.HasPrefix(key, release.ReleasePrefix) || key == release.OwnerKey || key == release.CollectionKey
	production := key == release.ChannelKey(release.Production) || key == release.JournalKey(release.Production)
	switch kind := a.job.key.Kind; {
	case kind == work.Preview && !preview && (!own || production):
	case (kind == work.Deploy || kind == work.Comment) && (preview || own && !shared && !production):
	case kind != work.Preview && kind != work.Deploy && kind != work.Comment && kind != work.Tend:
	case !own && !preview && !slices.ContainsFunc(customers, func(c string) bool { return key == c+"/plan.yaml" }):
	case kind == work.Preview && preview && !strings.HasPrefix(key, release.PlainPrefix(a.job.key.Name)):
	default:
		return
	}
	w.run.fail(9, "%s has written %s", a.job.key, key)
}

func (w *watcher) production() (c release.Channel, r release.Release) {
	o, ok := w.store.objects[release.ChannelKey(release.Production)]
	if ok && w.decode("production", o.body, &c) {
		w.decode("release", w.store.objects[release.ReleaseKey(c.Release)].body, &r)
	}
	return c, r
}

// rested checks where production is when there is nothing left to do, and the plain files.
func (w *watcher) rested() {
	c, r := w.production()
	tip := w.run.hub.branches[trunk]
	switch {
	case tip == "" || c.Hold != nil:
	case c.Commit != tip && judge(nil, w.run.git.byName[tip].tree):
		w.run.fail(4, "%s of %s serves %s, nothing holds it, and the tip is %s", release.Production, w.store.name, c.Commit.Short(), tip.Short())
	}
	want := map[string]string{}
	for unit, entry := range r.Customers {
		if text, _ := w.text(entry); text != "" {
			want[unit+"/plan.yaml"] = text
		}
	}
	got := map[string]string{}
	for key, o := range w.store.objects {
		if !strings.HasPrefix(key, ".") {
			got[key] = o.body
		}
	}
	if !maps.Equal(got, want) {
		w.run.fail(5, "the plain files of %s are %q, and the channel says %q", w.store.name, got, want)
	}
}
