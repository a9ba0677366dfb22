//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import "errors"

func lock(string) (func() error, error) {
	return nil, errors.New("this system has no flock, without which two processes could use one SQLite file; run tamer on Linux, macOS or BSD")
}
