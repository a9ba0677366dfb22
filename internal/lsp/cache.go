package lsp

import (
	"maps"
	"sync"

	"github.com/tamerhq/tamer/internal/validate"
)

// maxRecent bounds how many entries are in memory, in two generations: of a file in which somebody writes each key makes some.
const maxRecent = 60_000

// A cache keeps in memory what was asked for or found out last, over one that may be on disk. Safe for concurrent use.
type cache struct {
	below validate.Cache // nil: none

	mu       sync.Mutex
	new, old map[validate.Key][]byte
}

func newCache(below validate.Cache) *cache {
	return &cache{below: below, new: map[validate.Key][]byte{}}
}

// Get gives the entries that are there.
func (c *cache) Get(keys []validate.Key) map[validate.Key][]byte {
	found := make(map[validate.Key][]byte, len(keys))
	var missing []validate.Key
	c.mu.Lock()
	for _, k := range keys {
		if v, ok := c.new[k]; ok {
			found[k] = v
		} else if v, ok := c.old[k]; ok {
			found[k] = v
			c.keep(k, v)
		} else {
			missing = append(missing, k)
		}
	}
	c.mu.Unlock()
	if len(missing) == 0 || c.below == nil {
		return found
	}
	more := c.below.Get(missing)
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, v := range more {
		c.keep(k, v)
	}
	maps.Copy(found, more)
	return found
}

// keep puts an entry among the new ones; too many of these become the old ones. The caller holds the lock.
func (c *cache) keep(k validate.Key, v []byte) {
	if c.new[k] = v; len(c.new) >= maxRecent/2 {
		c.old, c.new = c.new, map[validate.Key][]byte{}
	}
}

// Put adds entries.
func (c *cache) Put(entries map[validate.Key][]byte) {
	c.mu.Lock()
	for k, v := range entries {
		c.keep(k, v)
	}
	c.mu.Unlock()
	if c.below != nil {
		c.below.Put(entries)
	}
}
