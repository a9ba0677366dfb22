package s3_test

import (
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink/s3"
)

// between gives the address of a line to a store in which every twelfth request meets a fault of any kind.
func between(t *testing.T, store string) string {
	t.Helper()
	target, err := url.Parse(store)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	proxy := &httputil.ReverseProxy{Transport: transport, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	faults := []fault{reset, lost, cutOff, status(500, ""), status(502, "<html>Bad gateway</html>"), s3Error(503, "SlowDown", "Please reduce your request rate.")}
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(9, 9))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n := rnd.IntN(12 * len(faults))
		mu.Unlock()
		if n < len(faults) {
			faults[n](w, buffered(r), proxy)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// torn deploys over a faulty line, with readers on a sound one.
func torn(t *testing.T, endpoint string) {
	faulty := open(t, s3.Config{Bucket: "config", Prefix: "torn/", Endpoint: between(t, endpoint)})
	sound := open(t, s3.Config{Bucket: "config", Prefix: "torn/", Endpoint: endpoint})
	t.Logf("%d reads", shiptest.Torn(t, faulty, sound))
}

func TestNeverTorn(t *testing.T) {
	t.Parallel()
	torn(t, fakeStore(t, nil).URL)
}
