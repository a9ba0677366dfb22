package source

import (
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/outside"
)

// maxCached bounds the cache, in bytes of the values; what a map needs around them comes on top.
const maxCached = 64 << 20

// A cache keeps answers in memory. The zero cache with a clock is ready for use, also concurrently.
type cache struct {
	now   func() time.Time
	mu    sync.Mutex
	known map[string]cached
	size  int
}

type cached struct {
	values outside.Values
	at     time.Time
	size   int
}

// get gives an answer that is younger than age.
func (c *cache) get(key string, age time.Duration) (outside.Values, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[key]
	return e.values, ok && c.now().Sub(e.at) < age
}

// put keeps an answer. Where there is no room, old ones go: those of more than an hour first, then any.
func (c *cache) put(key string, values outside.Values) {
	size := len(key)
	for text := range values {
		size += len(text) + 16
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]cached{}
	}
	c.drop(key)
	for _, age := range []time.Duration{time.Hour, 0} {
		for old, e := range c.known {
			if c.size+size <= maxCached {
				break
			}
			if c.now().Sub(e.at) >= age {
				c.drop(old)
			}
		}
	}
	c.known[key] = cached{values, c.now(), size}
	c.size += size
}

func (c *cache) drop(key string) {
	c.size -= c.known[key].size
	delete(c.known, key)
}
