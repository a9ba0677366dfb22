package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/redis"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a Redis on a Unix socket, and gives its address. Without the program the test is skipped, and fails in CI.
func start(t *testing.T) (address string, admin *client.Client) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no Redis: install the package redis-server")
	}
	if err != nil {
		t.Skip("there is no Redis: install the package redis-server to run this test")
	}
	dir, err := os.MkdirTemp("", "redis") // and not t.TempDir: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(dir, "socket")
	server := exec.Command(program, "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	admin = client.NewClient(&client.Options{Network: "unix", Addr: socket, Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { admin.Close() })
	awaitReady(t, admin)
	return "redis+unix://" + socket, admin
}

func awaitReady(t *testing.T, admin *client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for admin.Ping(ctx).Err() != nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("Redis does not get ready")
		}
	}
}

func open(t *testing.T, address string) *redis.Sink {
	t.Helper()
	cfg, err := redis.Parse(address, "")
	if err != nil {
		t.Fatal(err)
	}
	s := redis.Open(cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRedis(t *testing.T) {
	address, admin := start(t)
	t.Run("suite", func(t *testing.T) {
		var n atomic.Int64
		sinktest.Run(t, func(t *testing.T) sink.Sink { return open(t, fmt.Sprintf("%s?prefix=part+%d:", address, n.Add(1))) })
	})
	t.Run("never torn", func(t *testing.T) {
		t.Logf("%d reads", shiptest.Torn(t, shiptest.Faulty(open(t, address+"?prefix=torn:"), 30), open(t, address+"?prefix=torn:")))
	})
	t.Run("steps", func(t *testing.T) { shiptest.Steps(t, open(t, address+"?prefix=steps:"), nil) })
	t.Run("plain reader", func(t *testing.T) { plainReader(t, address, admin) })
	t.Run("published", func(t *testing.T) { published(t, address, admin) })
	t.Run("others' keys", func(t *testing.T) { othersKeys(t, address, admin) })
	t.Run("refusals", func(t *testing.T) { refusals(t, address, admin) })
}

func put(t *testing.T, s sink.Sink, key, body string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, []byte(body), sink.Always); err != nil {
		t.Fatal(err)
	}
}

func plainReader(t *testing.T, address string, admin *client.Client) {
	put(t, open(t, address), "acme/segments.yaml", "a: 1\n")
	if got, err := admin.Get(t.Context(), "tamer:acme/segments.yaml").Result(); err != nil || got != "a: 1\n" {
		t.Errorf("GET = %q, %v", got, err)
	}
}

// published holds that who subscribes is told of channels, and of nothing else.
func published(t *testing.T, address string, admin *client.Client) {
	s := open(t, address+"?prefix=moves:")
	sub := admin.Subscribe(t.Context(), "moves:channels")
	defer sub.Close()
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "acme/plan.yaml", "x")
	put(t, s, ".tamer/channels/production.json", "{}")
	if _, err := s.Put(t.Context(), ".tamer/channels/production.json", nil, sink.IfAbsent()); !errors.Is(err, sink.ErrConflict) {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), ".tamer/channels/branch/a%2fb.json"); err != nil {
		t.Fatal(err)
	}
	var told []string
	for range 2 {
		m, err := sub.ReceiveMessage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, m.Payload)
	}
	if want := []string{"production", "branch/a%2fb"}; !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
}

// othersKeys holds that a listing tells what is there, also where somebody else has been at it.
func othersKeys(t *testing.T, address string, admin *client.Client) {
	s := open(t, address+"?prefix=drift:")
	put(t, s, "changed", "as written")
	put(t, s, "gone", "as written")
	if err := admin.Set(t.Context(), "drift:changed", "by hand", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := admin.Del(t.Context(), "drift:gone").Err(); err != nil {
		t.Fatal(err)
	}
	_, v, err := s.Get(t.Context(), "changed")
	if err != nil {
		t.Fatal(err)
	}
	var found []sink.Object
	for o, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, o)
	}
	if len(found) != 1 || found[0].Key != "changed" || found[0].Version != v || found[0].Size != 7 {
		t.Errorf("List gave %+v", found)
	}
	if _, err := s.Put(t.Context(), "gone", nil, sink.IfAbsent()); err != nil {
		t.Errorf("Put IfAbsent of what somebody else has deleted: %v", err)
	}
}

func refusals(t *testing.T, address string, admin *client.Client) {
	ctx := t.Context()
	set := func(args ...any) {
		t.Helper()
		if err := admin.Do(ctx, args...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(want string) {
		t.Helper()
		if _, err := open(t, address).Put(ctx, "k", nil, sink.Always); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	set("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	refused("set maxmemory-policy noeviction")
	set("CONFIG", "SET", "maxmemory-policy", "noeviction")
	set("CONFIG", "SET", "maxmemory", "1")
	refused("the memory of the Redis is full")
	set("CONFIG", "SET", "maxmemory", "0")
	set("ACL", "SETUSER", "default", "-eval", "-evalsha", "-info")
	refused("allow GET, SET")
	set("ACL", "SETUSER", "default", "+@all")
	set("REPLICAOF", "127.0.0.1", "1")
	refused("this Redis is a replica")
	set("REPLICAOF", "NO", "ONE")
	set("CONFIG", "SET", "requirepass", "hunter2")
	refused("check the sink's secret")
	if _, _, err := open(t, address).Get(ctx, "k"); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "check the sink's secret") {
		t.Errorf("Get without the password: %v", err)
	}
	cfg, err := redis.Parse(address, "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	s := redis.Open(cfg)
	defer s.Close()
	put(t, s, "k", "with the password")
}

func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"redis://cache.example.com":                           "redis://cache.example.com:6379/0?prefix=tamer:",
		"rediss://bob:hunter2@cache.example.com:1/2?prefix=x": "redis://cache.example.com:1/2?prefix=x",
		"redis+unix:///run/redis?db=3&prefix=a/b:":            "redis:///run/redis/3?prefix=a/b:",
	} {
		if got, err := redis.Parse(address, "hunter2"); err != nil || got.String() != want {
			t.Errorf("%s\ngot  %v, %v\nwant %s", address, got, err, want)
		}
	}
	for address, want := range map[string]string{
		"http://bob:hunter2@x":          "write redis://HOST",
		"redis://:hunter2@x/notanumber": "write redis://HOST",
		"redis://x?prefix=":             `the prefix ""`,
		"redis://x?prefix=a//b":         "without two slashes",
		"redis://x?prefix=a/":           "a slash at its end",
		"redis://:hunter2@x?hunter2=x":  "write redis://HOST",
		"redis://x:port":                "write redis://HOST",
	} {
		_, err := redis.Parse(address, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s\ngot  %v\nwant %s", address, err, want)
		}
	}
}
