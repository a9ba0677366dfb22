package worktree

import (
	"io/fs"
	"syscall"
)

// stampOf gives what tells the file from a changed one; not ok where the system does not say.
func stampOf(info fs.FileInfo) (s stamp, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return stamp{}, false
	}
	return stamp{size: st.Size, mtime: st.Mtimespec.Nano(), ctime: st.Ctimespec.Nano(), inode: st.Ino}, true
}
