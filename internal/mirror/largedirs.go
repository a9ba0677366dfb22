package mirror

import "sync"

// largeDirs keeps the parsed trees of large directories over snapshots: that of all customers is looked at for each pull request,
// and reading it takes longer than all else. It is safe for concurrent use.
type largeDirs struct {
	mu      sync.Mutex
	dirs    map[string]*dir // by object
	entries int
}

const (
	// largeDir is from how many entries a directory is kept.
	largeDir = 256
	// maxKept bounds the entries of all that are kept; each takes about 100 bytes.
	maxKept = 200_000
)

func (l *largeDirs) get(object string) *dir {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dirs[object]
}

// put keeps a directory. Where it would be too much, those that were kept go.
func (l *largeDirs) put(object string, d *dir) {
	n := len(d.entries)
	if n < largeDir || n > maxKept {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dirs == nil || l.entries+n > maxKept {
		l.dirs, l.entries = map[string]*dir{}, 0
	}
	if l.dirs[object] == nil {
		l.dirs[object] = d
		l.entries += n
	}
}
