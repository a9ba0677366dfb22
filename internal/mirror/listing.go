package mirror

import (
	"bytes"
	"errors"

	"github.com/tamerhq/tamer/internal/work"
)

// maxListing bounds what one command of git may list, in bytes: some 500,000 files. A few small trees that each name the same tree ten times,
// level upon level, are billions of files.
const maxListing = 64 << 20

var errTooMuch = work.Permanent(errors.New("it lists more files than a configuration repository has: take out the directories that hold them"))

// A listing keeps what git writes. Where that is too much it is an error, which ends the command.
type listing struct {
	buf  bytes.Buffer
	full bool
}

func (l *listing) Write(p []byte) (int, error) {
	if l.buf.Len()+len(p) > maxListing {
		l.full = true
		return 0, errTooMuch
	}
	return l.buf.Write(p)
}
