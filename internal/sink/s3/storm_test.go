//go:build unix

package s3_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/tamerhq/tamer/internal/miniotest"
	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink/s3"
)

// longVar makes the storm one of 1,000 commits and 100,000 reads, which takes half an hour on a busy machine. Seen on 2026-11-23: 1,002 commits;
// 379 workers killed and 178 paused, at each of the seven steps 21 times or more; 245 deploys that failed or were overtaken; 104,812 reads, no mix,
// none backward, no commit that the branch never held.
const longVar = "TAMER_TEST_STORM"

// toxics are what happens on lines: to some of the connections, so that who tries again gets through now and then.
var toxics = map[string]string{
	"sound":             "",
	"slow":              `{"type":"latency","attributes":{"latency":3,"jitter":3}}`,
	"reset":             `{"type":"reset_peer","toxicity":0.3,"attributes":{"timeout":0}}`,
	"answers truncated": `{"type":"limit_data","toxicity":0.5,"attributes":{"bytes":1800}}`,
	"bodies truncated":  `{"type":"limit_data","stream":"upstream","toxicity":0.4,"attributes":{"bytes":2500}}`,
	"stalled":           `{"type":"timeout","toxicity":0.3,"attributes":{"timeout":25}}`,
	"slow and reset":    `{"type":"reset_peer","stream":"upstream","toxicity":0.2,"attributes":{"timeout":4}}`,
}

// lines are ways to a store, one for each kind of fault. On all of them some answers are 5xx, lost or cut off.
func lines(t *testing.T, endpoint string) (all []string) {
	t.Helper()
	behind := strings.TrimPrefix(between(t, endpoint), "http://")
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	for name, toxic := range toxics {
		p := toxiproxy.NewProxy(server, name, "127.0.0.1:0", behind)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
		if toxic != "" {
			if _, err := p.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, "http://"+p.Listen)
	}
	return all
}

// Deploys by processes that are killed and paused at every step, over lines with every fault, and readers who see one commit, whole, always.
func storm(t *testing.T, endpoint string) {
	s := shiptest.Storm{Sound: open(t, s3.Config{Bucket: miniotest.Bucket, Prefix: "storm/", Endpoint: endpoint}), Deploys: 8, Readers: 1, Lines: lines(t, endpoint),
		Worker: func() *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), workerVar+"=yes")
			return cmd
		}}
	if os.Getenv(longVar) != "" {
		s.Deploys, s.Reads, s.Readers = 1000, 100_000, 6
	}
	s.Run(t)
}
