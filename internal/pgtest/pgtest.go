// Package pgtest gives a test a PostgreSQL of its own: real, on a Unix socket, and gone at its end.
package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Start starts a server and gives its address. Without PostgreSQL's programs the test is skipped, and fails in CI.
func Start(t testing.TB) string {
	t.Helper()
	bin := binaries(t)
	dir, err := os.MkdirTemp("", "pg") // and not t.TempDir: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	as := servant(t, dir)
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
		cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	data := filepath.Join(dir, "data")
	run("initdb", "--pgdata", data, "--username", "tamer", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
	control := func(args ...string) { t.Helper(); run("pg_ctl", append([]string{"--pgdata", data}, args...)...) }
	control("--wait", "--log", filepath.Join(dir, "log"), "--options", "-c listen_addresses='' -c fsync=off -c unix_socket_directories='"+dir+"'", "start")
	t.Cleanup(func() { control("--wait", "--mode", "immediate", "stop") })
	return "postgres:///postgres?user=tamer&host=" + dir
}

// binaries is the directory of the newest PostgreSQL that is installed.
func binaries(t testing.TB) string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian keeps several versions beside each other
	if len(found) > 0 {
		return filepath.Dir(slices.Max(found))
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no PostgreSQL: install the package postgresql")
	}
	t.Skip("there is no PostgreSQL: install the package postgresql to run this test")
	return ""
}

// servant is whom the server runs as: it refuses to be root, so then nobody does it, in a directory of theirs.
func servant(t testing.TB, dir string) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, _ := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// Create makes a database on the server at the address that Start gave, and gives its address: of one server for many tests, each
// has its own. It is empty, or a copy of the one at the address like, which nobody may have open.
func Create(t testing.TB, server string, like ...string) string {
	t.Helper()
	name := fmt.Sprintf("test%d_%d", os.Getpid(), created.Add(1))
	args := []string{"--maintenance-db", server, name}
	for _, address := range like {
		args = append(args, "--template", nameOf(address))
	}
	cmd := exec.Command(filepath.Join(binaries(t), "createdb"), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, out)
	}
	return strings.Replace(server, "/"+nameOf(server)+"?", "/"+name+"?", 1)
}

// nameOf gives the name of the database in an address.
func nameOf(address string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(address, "postgres:///"), "?")
	return name
}

var created atomic.Int64
