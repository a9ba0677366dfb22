// Package miniotest gives a test a MinIO of its own: a real server that speaks S3, on loopback, and gone at its end.
package miniotest

import (
	"context"
	"go/build"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// What every server of Start knows: one bucket, and one user, who may do everything.
const (
	Bucket = "config"
	User   = "testkey"
	Secret = "testsecret"
)

// Start starts a server and gives its address. Without the program the test is skipped, and fails in CI.
func Start(t testing.TB) (endpoint string) {
	t.Helper()
	program, err := exec.LookPath("minio")
	if err != nil {
		program, err = exec.LookPath(filepath.Join(build.Default.GOPATH, "bin", "minio"))
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no MinIO: run .ci/minio")
	}
	if err != nil {
		t.Skip("there is no MinIO: run .ci/minio to run this test")
	}
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, Bucket), 0o755); err != nil { // which is how MinIO keeps a bucket
		t.Fatal(err)
	}
	address := freeAddress(t)
	server := exec.Command(program, "server", data, "--address", address, "--console-address", freeAddress(t), "--quiet")
	server.Env = append(os.Environ(), "MINIO_ROOT_USER="+User, "MINIO_ROOT_PASSWORD="+Secret, "MINIO_UPDATE=off", "MINIO_BROWSER=off", "HOME="+t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	awaitReady(t, "http://"+address+"/"+Bucket+"/any")
	return "http://" + address
}

func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitReady waits until an object is refused to a stranger: the server says that it is ready before it knows users and buckets.
func awaitReady(t testing.TB, url string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusForbidden {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("MinIO does not get ready")
		}
	}
}
