//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import "errors"

// Lock takes the exclusive lock on the file at path, where it can.
func Lock(string) (func() error, error) {
	return nil, errors.New("this system has no flock, without which two processes could use one directory; run tamer on Linux, macOS or BSD")
}
