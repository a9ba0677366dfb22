package s3_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/s3"
)

// examples gives the blocks of docs/reading-configuration.md in a language.
func examples(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/reading-configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, rest := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```\n")
		all = append(all, block+"\n")
	}
	if len(all) == 0 {
		t.Fatalf("docs/reading-configuration.md has no example in %s", language)
	}
	return all
}

// serve writes a release in which acme's plan has so many seats, and moves production there.
func serve(t *testing.T, s sink.Sink, generation int64, seats string) {
	t.Helper()
	acme := "acme"
	put := func(key func(release.Digest) string, v any) release.Digest {
		t.Helper()
		body, err := release.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		d := release.DigestOf(body)
		if _, err := s.Put(t.Context(), key(d), body, sink.Always); err != nil {
			t.Fatal(err)
		}
		return d
	}
	b := put(release.BundleKey, release.Bundle{Customer: &acme, Configs: map[string]release.Config{
		"plan": {Path: "customers/acme/plan.yaml", Text: "seats: " + seats + "\n", Value: json.RawMessage(`{"seats":` + seats + `}`)}}})
	r := put(release.ReleaseKey, release.Release{Repository: "shop/config", Customers: map[string]release.Entry{"acme": {Bundle: &b}}})
	put(func(release.Digest) string { return release.ChannelKey(release.Production) }, release.Channel{Repository: "shop/config", Channel: release.Production,
		Release: r, Commit: forge.Commit(strings.Repeat("0", 40)), Generation: generation, UpdatedAt: time.Unix(1_700_000_000, 0)})
	if _, err := s.Put(t.Context(), "acme/plan.yaml", []byte("seats: "+seats+"\n"), sink.Always); err != nil {
		t.Fatal(err)
	}
}

// command gives a program of the machine, which the package holds.
func command(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("there is no %s: install the package %s", name, pkg)
	}
	if err != nil {
		t.Skipf("there is no %s: install the package %s to run this test", name, pkg)
	}
	return path
}

// A spoiled store refuses to give bundles, or gives them with another byte.
type spoiled struct{ refuse, damage atomic.Bool }

func (s *spoiled) wrap(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut || !strings.Contains(r.URL.Path, "/.tamer/bundles/") {
			inner.ServeHTTP(w, r)
			return
		}
		if s.refuse.Load() {
			http.Error(w, "not now", http.StatusInternalServerError)
			return
		}
		if s.damage.Load() {
			w = &damaging{w}
		}
		inner.ServeHTTP(w, r)
	})
}

type damaging struct{ http.ResponseWriter }

func (d *damaging) Write(b []byte) (int, error) {
	return d.ResponseWriter.Write(bytes.Replace(b, []byte("seats"), []byte("seets"), 1))
}

// The programs of docs/reading-configuration.md, as they stand there, read what is served, what is served next, and go on with what they
// have where the store does not give all of that, or does not answer.
func TestReaders(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string) []string{
		"python": func(t *testing.T, dir string) []string {
			python := command(t, "python3", "python3")
			if err := exec.Command(python, "-c", "import boto3").Run(); err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatal("there is no boto3: install the package python3-boto3")
				}
				t.Skip("there is no boto3: install the package python3-boto3 to run this test")
			}
			return []string{python, write(t, dir, "read.py", examples(t, "python")[0])}
		},
		"go": func(t *testing.T, dir string) []string {
			program := filepath.Join(dir, "read")
			if out, err := exec.Command("go", "build", "-o", program, write(t, dir, "main.go", examples(t, "go")[0])).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			return []string{program}
		},
		"node": func(t *testing.T, dir string) []string {
			node, modules := command(t, "node", "nodejs"), golden.Fetched(t, "TAMER_AWS_SDK_JS", "tools/aws-sdk-js/fetch")
			if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
				t.Fatal(err)
			}
			return []string{node, write(t, dir, "read.mjs", examples(t, "js")[0])}
		},
		"shell": func(t *testing.T, dir string) []string {
			command(t, "aws", "awscli")
			command(t, "jq", "jq")
			return []string{command(t, "bash", "bash"), write(t, dir, "read.sh", examples(t, "bash")[0])}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bundles spoiled
			server := fakeStore(t, bundles.wrap)
			s := open(t, s3.Config{Bucket: "config", Prefix: "shop/config/", Endpoint: server.URL})
			dir, kept := t.TempDir(), t.TempDir()
			args := append(prepare(t, dir), "config", "shop/config/", "acme", "plan", kept)
			read := func(want string) {
				t.Helper()
				cmd := exec.Command(args[0], args[1:]...)
				cmd.Env = readerEnv(server.URL)
				var complaints strings.Builder
				cmd.Stderr = &complaints
				out, err := cmd.Output()
				if got := strings.ReplaceAll(strings.TrimSpace(string(out)), " ", ""); err != nil || got != want {
					t.Fatalf("read %q, %v; want %q\n%s", got, err, want, complaints.String())
				}
			}
			serve(t, s, 1, "5")
			read(`{"seats":5}`)
			serve(t, s, 2, "6")
			bundles.refuse.Store(true)
			read(`{"seats":5}`)
			bundles.refuse.Store(false)
			bundles.damage.Store(true)
			read(`{"seats":5}`)
			bundles.damage.Store(false)
			read(`{"seats":6}`)
			server.Close()
			read(`{"seats":6}`)
		})
	}
}

func readerEnv(endpoint string) []string {
	return append(os.Environ(), "S3_ENDPOINT="+endpoint, "AWS_ACCESS_KEY_ID=testkey", "AWS_SECRET_ACCESS_KEY=testsecret", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent")
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The one line that reads a plain file.
func TestPlainReader(t *testing.T) {
	aws := command(t, "aws", "awscli")
	line, _, _ := strings.Cut(examples(t, "sh")[0], " #")
	fields := strings.Fields(line)
	server := fakeStore(t, nil)
	serve(t, open(t, s3.Config{Bucket: "config", Prefix: "shop/config/", Endpoint: server.URL}), 1, "5")
	fields[3] = strings.NewReplacer("acme-config", "config", "segments", "plan").Replace(fields[3])
	cmd := exec.Command(aws, append([]string{"--endpoint-url", server.URL}, fields[1:]...)...)
	cmd.Env = readerEnv(server.URL)
	if out, err := cmd.Output(); err != nil || string(out) != "seats: 5\n" {
		t.Errorf("%s\nread %q, %v", strings.Join(cmd.Args, " "), out, err)
	}
}

// The policies are JSON, and allow what the sink asks for.
func TestPolicies(t *testing.T) {
	policies := examples(t, "json")
	for _, text := range policies {
		if !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
	}
	for _, action := range []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"} {
		if !strings.Contains(policies[len(policies)-1], `"`+action+`"`) {
			t.Errorf("tamer's own policy lacks %s", action)
		}
	}
}
