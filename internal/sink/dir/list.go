package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/sink"
)

// List implements sink.Sink. It reads every file, for the version is the digest of its bytes.
func (s *Sink) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		keys, err := s.keys(ctx, prefix)
		for _, key := range keys {
			o, there, failed := s.object(ctx, key)
			if err = failed; err != nil {
				break
			}
			if there && !yield(o, nil) {
				return
			}
		}
		if err != nil {
			yield(sink.Object{}, fmt.Errorf("list objects below %q: %w", prefix, err))
		}
	}
}

// keys gives the keys of all regular files below the prefix, but the sink's own, sorted. A walk would not give that
// order: "a-b" comes before "a/b".
func (s *Sink) keys(ctx context.Context, prefix string) ([]string, error) {
	if err := sink.CheckPrefix(prefix); err != nil {
		return nil, err
	}
	from := "."
	if prefix != "" {
		from = strings.TrimSuffix(prefix, "/")
		if info, err := s.root.Lstat(from); err != nil || !info.IsDir() {
			return nil, gone(err)
		}
	}
	var keys []string
	err := fs.WalkDir(s.root.FS(), from, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return gone(err)
		case p == private:
			return fs.SkipDir
		case e.Type().IsRegular() && sink.CheckKey(p) == nil:
			keys = append(keys, p)
		}
		return ctx.Err()
	})
	slices.Sort(keys)
	return keys, err
}

func (s *Sink) object(ctx context.Context, key string) (o sink.Object, there bool, err error) {
	if err := ctx.Err(); err != nil {
		return o, false, err
	}
	info, err := s.root.Lstat(key)
	if err != nil {
		return o, false, gone(err)
	}
	v, size, err := s.digest(key)
	if err != nil {
		return o, false, gone(err)
	}
	return sink.Object{Key: key, Version: v, Size: size, ModTime: info.ModTime()}, true, nil
}

// gone forgives that something is not there any more, or is no file or directory now.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || notDir(err) {
		return nil
	}
	return err
}
