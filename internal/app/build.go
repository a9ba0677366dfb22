package app

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
)

// Build names this program so exactly that two of the same name judge alike: the version, and for one that was not built from
// a commit as it is, also the executable's size and time. It is empty where not even these are known.
var Build = sync.OnceValue(func() string {
	version := Version()
	if info, ok := debug.ReadBuildInfo(); ok && !strings.HasPrefix(version, "devel") && !strings.Contains(version, "+dirty") {
		return version + " " + commit + " " + info.GoVersion
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d", version, info.Size(), info.ModTime().UnixNano())
})
