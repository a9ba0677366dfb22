package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/s3"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// A fault is what may go wrong between a store and its client. It answers one request.
type fault func(w http.ResponseWriter, r *http.Request, store http.Handler)

func reset(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0) // the client reads a reset, and no end
	conn.Close()
}

// lost has the store do what was asked, and its answer get lost.
func lost(w http.ResponseWriter, r *http.Request, store http.Handler) {
	store.ServeHTTP(httptest.NewRecorder(), r)
	reset(w, r, store)
}

// cutOff ends the answer in its middle.
func cutOff(w http.ResponseWriter, r *http.Request, store http.Handler) {
	answer := httptest.NewRecorder()
	store.ServeHTTP(answer, r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", "1000000")
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
}

func status(code int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

func s3Error(code int, name, message string) fault {
	return status(code, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>`+name+`</Code><Message>`+message+`</Message></Error>`)
}

// A line stands between a store and its clients; pick gives the fault of a request, nil for none.
func line(t *testing.T, pick func(r *http.Request) fault) *httptest.Server {
	return fakeStore(t, func(store http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f := pick(r); f != nil {
				f(w, buffered(r), store)
				return
			}
			store.ServeHTTP(w, r)
		})
	})
}

// buffered reads the body: a fault may end the connection before the store has it.
func buffered(r *http.Request) *http.Request {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

// What fails in passing is never seen: the suite, with a fault in a quarter of all requests. Writes under a condition
// meet only faults that say that nothing was written; see TestLostAnswer for others.
func TestFaults(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(3, 3))
	faults := []fault{cutOff, s3Error(503, "SlowDown", "Please reduce your request rate."), s3Error(409, "ConditionalRequestConflict", "Another one is under way."),
		reset, lost, status(500, ""), status(502, "<html>Bad gateway</html>")}
	const certain = 3
	var met atomic.Int64
	server := line(t, func(r *http.Request) fault {
		mu.Lock()
		defer mu.Unlock()
		if rnd.IntN(4) > 0 || !strings.Contains(r.Header.Get("Amz-Sdk-Request"), "attempt=1") && rnd.IntN(8) > 0 {
			return nil
		}
		met.Add(1)
		if r.Header.Get("If-Match") != "" || r.Header.Get("If-None-Match") != "" {
			return faults[rnd.IntN(certain)]
		}
		return faults[rnd.IntN(len(faults))]
	})
	var n atomic.Int64
	sinktest.RunSmall(t, func(t *testing.T) sink.Sink {
		return open(t, s3.Config{Bucket: "config", Prefix: strings.Repeat("p", int(n.Add(1))) + "/", Endpoint: server.URL})
	})
	if met.Load() < 200 {
		t.Errorf("only %d requests met a fault", met.Load())
	}
}

// A conditional Put whose answer was lost is done: the second attempt is refused, but what it finds is its own. Where somebody
// else has written meanwhile, it is no conflict, for that says that nothing was written.
func TestLostAnswer(t *testing.T) {
	for name, f := range map[string]fault{"lost": lost, "broken": func(w http.ResponseWriter, r *http.Request, store http.Handler) {
		store.ServeHTTP(httptest.NewRecorder(), r)
		status(502, "")(w, r, store)
	}} {
		t.Run(name, func(t *testing.T) { lostAnswer(t, f) })
	}
}

func lostAnswer(t *testing.T, f fault) {
	var next atomic.Pointer[fault]
	server := line(t, func(r *http.Request) fault {
		if r.Method == http.MethodPut {
			if f := next.Swap(nil); f != nil {
				return *f
			}
		}
		return nil
	})
	s := open(t, s3.Config{Bucket: "config", Endpoint: server.URL})
	v1, err := s.Put(t.Context(), "k", []byte("one"), sink.IfAbsent())
	if err != nil {
		t.Fatal(err)
	}
	next.Store(&f)
	v2, err := s.Put(t.Context(), "k", []byte("two"), sink.IfVersion(v1))
	if err != nil || v2 == v1 {
		t.Errorf("Put whose answer was lost = %q, %v", v2, err)
	}
	if _, err := s.Put(t.Context(), "k", []byte("two"), sink.IfVersion(v1)); !errors.Is(err, sink.ErrConflict) {
		t.Errorf("the same Put once more, asked for anew: %v, want %v", err, sink.ErrConflict)
	}
	other := fault(func(w http.ResponseWriter, r *http.Request, store http.Handler) {
		store.ServeHTTP(httptest.NewRecorder(), r)
		if _, err := s.Put(r.Context(), "k", []byte("by another"), sink.Always); err != nil {
			t.Error(err)
		}
		reset(w, r, store)
	})
	next.Store(&other)
	_, err = s.Put(t.Context(), "k", []byte("three"), sink.IfVersion(v2))
	wantWords(t, err, "whether it was written in between is not known")
	if errors.Is(err, sink.ErrConflict) {
		t.Errorf("a write that was done is told to be a conflict: %v", err)
	}
}

// A store that ignores conditions is refused before anything is written under one.
func TestConditionsIgnored(t *testing.T) {
	for _, header := range []string{"If-Match", "If-None-Match"} {
		server := fakeStore(t, func(store http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Del(header)
				store.ServeHTTP(w, r)
			})
		})
		s := open(t, s3.Config{Bucket: "config", Endpoint: server.URL})
		_, err := s.Put(t.Context(), "k", nil, sink.IfAbsent())
		wantWords(t, err, "s3://config/ does not heed conditions")
		for o, err := range s.List(t.Context(), "") {
			t.Errorf("%s: the store holds %+v, %v", header, o, err)
		}
	}
}

// What a store refuses for good is told at once, with what to do.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		fault fault
		want  string
	}{
		{s3Error(403, "AccessDenied", "Access Denied"), "the credentials need s3:PutObject on arn:aws:s3:::config/prod/*"},
		{s3Error(403, "AccessDenied", "not authorized to perform: kms:GenerateDataKey"), "the credentials need kms:GenerateDataKey and kms:Decrypt for the key alias/config"},
		{s3Error(404, "NoSuchBucket", "The specified bucket does not exist"), `there is no bucket "config": make it`},
		{s3Error(301, "PermanentRedirect", "use the other endpoint"), `the bucket "config" is in another region`},
		{s3Error(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-central-1'"), "expecting 'eu-central-1'"},
		{s3Error(403, "SignatureDoesNotMatch", "no match"), "check AWS_ACCESS_KEY_ID"},
		{s3Error(400, "ExpiredToken", "The provided token has expired."), "the credentials have expired"},
		{s3Error(403, "RequestTimeTooSkewed", "too skewed"), "the clock of this machine is wrong"},
		{s3Error(400, "KMS.NotFoundException", "no key"), `the KMS key "alias/config" cannot be used`},
		{s3Error(503, "SlowDown", "slower"), "the store asks for fewer requests"},
		{status(418, "no XML"), "418"},
	} {
		server := line(t, func(*http.Request) fault { return c.fault })
		s := open(t, s3.Config{Bucket: "config", Prefix: "prod/", Endpoint: server.URL, SSE: "aws:kms", KMSKey: "alias/config"})
		_, err := s.Put(t.Context(), "k", nil, sink.Always)
		wantWords(t, err, c.want)
		if errors.Is(err, sink.ErrConflict) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v is taken for something else", err)
		}
	}
	server := line(t, func(*http.Request) fault { return s3Error(403, "AccessDenied", "Access Denied") })
	s := open(t, s3.Config{Bucket: "config", Prefix: "prod/", Endpoint: server.URL, Lifecycle: true})
	_, _, err := s.Get(t.Context(), "k")
	wantWords(t, err, "s3:GetObject on arn:aws:s3:::config/prod/*, and s3:ListBucket on arn:aws:s3:::config, without")
	wantWords(t, s.Delete(t.Context(), "k"), "the credentials need s3:DeleteObject on arn:aws:s3:::config/prod/*")
	for _, err := range s.List(t.Context(), "") {
		wantWords(t, err, "the credentials need s3:ListBucket on arn:aws:s3:::config (")
	}
	_, err = s.Expire(t.Context(), map[string]int32{".branches/": 1})
	wantWords(t, err, "the credentials need s3:GetLifecycleConfiguration on arn:aws:s3:::config (")
	_, err = s.Expires(t.Context())
	wantWords(t, err, "the credentials need s3:GetLifecycleConfiguration on arn:aws:s3:::config (")
}

// What tamer asks of the store's encryption stands in the request.
func TestEncryption(t *testing.T) {
	var asked atomic.Value
	server := line(t, func(r *http.Request) fault {
		asked.Store(r.Header.Get("X-Amz-Server-Side-Encryption") + " " + r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"))
		return nil
	})
	s := open(t, s3.Config{Bucket: "config", Endpoint: server.URL, SSE: "aws:kms", KMSKey: "alias/config"})
	if _, err := s.Put(t.Context(), "k", nil, sink.Always); err != nil || asked.Load() != "aws:kms alias/config" {
		t.Errorf("asked for %q, %v", asked.Load(), err)
	}
}

// A store that hangs is left when the context ends.
func TestHang(t *testing.T) {
	arrived := make(chan struct{}, 1)
	server := line(t, func(r *http.Request) fault {
		arrived <- struct{}{}
		<-r.Context().Done()
		return reset
	})
	s := open(t, s3.Config{Bucket: "config", Endpoint: server.URL})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, _, err := s.Get(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want %v", err, context.Canceled)
	}
}

func wantWords(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
