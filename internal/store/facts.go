package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// maxFacts bounds the facts of all repositories together, in bytes. Those of a repository of 200,000 files take some 100 MB.
const maxFacts = 512 << 20

// overhead is about what a row takes besides its value, in bytes.
const overhead = 128

// Facts are what was found out about the contents of one repository, by digests of all that it rests on. They may be lost
// at any time: so a database that does not answer gives and takes none.
type Facts struct {
	ctx   context.Context // of the work that asks; a cache's methods have no place for one
	store *Store
	repo  forge.Repo
	now   func() time.Time
}

// Facts gives those of the repository, for as long as ctx lasts. They are safe for concurrent use.
func (s *Store) Facts(ctx context.Context, repo forge.Repo) *Facts {
	return &Facts{ctx: ctx, store: s, repo: repo, now: time.Now}
}

// rowsAtOnce bounds the rows of one statement, so that the database's one connection is soon free for others.
const rowsAtOnce = 250

// renewal is how old the noted use of a row must be before another use is noted.
const renewal = 24 * time.Hour

// Get gives the facts of the keys that are there.
func (f *Facts) Get(keys [][32]byte) map[[32]byte][]byte {
	found := make(map[[32]byte][]byte, len(keys))
	var old [][32]byte
	for part := range slices.Chunk(keys, rowsAtOnce) {
		if err := f.get(part, found, &old); err != nil {
			return found
		}
	}
	for part := range slices.Chunk(old, rowsAtOnce) {
		query, args := f.where(part)
		args = append(args, f.now().Unix())
		_, err := f.store.db.ExecContext(f.ctx, fmt.Sprintf(`UPDATE facts SET used_at = $%d WHERE `, len(args))+query, args...)
		if err != nil {
			break
		}
	}
	return found
}

func (f *Facts) get(keys [][32]byte, found map[[32]byte][]byte, old *[][32]byte) error {
	query, args := f.where(keys)
	rows, err := f.store.db.QueryContext(f.ctx, `SELECT key, value, used_at FROM facts WHERE `+query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	recent := f.now().Add(-renewal).Unix()
	for rows.Next() {
		var key, value []byte
		var used int64
		if err := rows.Scan(&key, &value, &used); err != nil {
			return err
		}
		if len(key) != 32 {
			continue
		}
		k := [32]byte(key)
		found[k] = value
		if used < recent {
			*old = append(*old, k)
		}
	}
	return rows.Err()
}

// where is the condition for the rows of the keys.
func (f *Facts) where(keys [][32]byte) (string, []any) {
	args := []any{f.repo.Installation, f.repo.ID}
	places := make([]string, len(keys))
	for i, k := range keys {
		args = append(args, k[:])
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	return `installation = $1 AND repository = $2 AND key IN (` + strings.Join(places, ",") + `)`, args
}

// Put adds facts. When all together take too much, those that were not used for the longest time go.
func (f *Facts) Put(entries map[[32]byte][]byte) {
	keys := slices.SortedFunc(maps.Keys(entries), func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }) // two that put the same wait in one order
	for part := range slices.Chunk(keys, rowsAtOnce) {
		added, err := f.put(part, entries)
		if err == nil {
			err = f.store.facts.grow(f.ctx, f.store, added)
		}
		if err != nil {
			return
		}
	}
}

func (f *Facts) put(keys [][32]byte, entries map[[32]byte][]byte) (size int64, err error) {
	args := []any{f.repo.Installation, f.repo.ID, f.now().Unix()}
	rows := make([]string, len(keys))
	for i, k := range keys {
		args = append(args, k[:], nonNil(entries[k]))
		rows[i] = fmt.Sprintf("($1,$2,$3,$%d,$%d)", len(args)-1, len(args))
		size += int64(len(entries[k])) + overhead
	}
	_, err = f.store.db.ExecContext(f.ctx, `INSERT INTO facts (installation, repository, used_at, key, value) VALUES `+strings.Join(rows, ",")+`
		ON CONFLICT (installation, repository, key) DO UPDATE SET value = excluded.value, used_at = excluded.used_at`, args...)
	return size, err
}

// nonNil keeps an empty value from being NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// A bound keeps the facts of all repositories below a number of bytes.
type bound struct {
	mu    sync.Mutex
	limit int64
	known bool
	bytes int64 // at most what is there, once known
}

// grow counts what was added, and makes room if it is too much.
func (b *bound) grow(ctx context.Context, s *Store, added int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bytes += added; b.known && b.bytes <= b.limit {
		return nil
	}
	rows, err := s.db.QueryContext(ctx, fmt.Sprintf(`SELECT used_at, SUM(LENGTH(value) + %d) FROM facts GROUP BY used_at ORDER BY used_at DESC`, overhead))
	if err != nil {
		return err
	}
	defer rows.Close()
	var total, kept, oldest int64
	for rows.Next() {
		var used, bytes int64
		if err := rows.Scan(&used, &bytes); err != nil {
			return err
		}
		if total += bytes; total <= b.limit*3/4 {
			kept, oldest = total, used
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close() // before the one connection is asked for again
	if b.known, b.bytes = true, total; total <= b.limit {
		return nil
	}
	if kept == 0 {
		oldest = math.MaxInt64 // all of one moment: none can be chosen
	}
	if _, err := s.db.ExecContext(ctx, `DELETE FROM facts WHERE used_at < $1`, oldest); err != nil {
		return err
	}
	b.bytes = kept
	return nil
}
