// Package s3 is a sink in a bucket of Amazon S3, or of a store that speaks its protocol, such as MinIO, Cloudflare R2 or
// Ceph: the object with the key "acme/segments.yaml" has that key behind the sink's prefix.
//
// The version of an object is its ETag. Writings under a condition are S3's own conditional writes (If-None-Match and
// If-Match); before the first of them the sink sees for itself that the store heeds them. Bytes are covered by a SHA-256
// checksum on their way in. Requests that fail in passing are tried again, and a conditional write whose answer was lost
// is recognised as done.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"

	"github.com/tamerhq/tamer/internal/sink"
)

// attempts is how often a request is sent before its fault is an error; the SDK waits up to 20 s between two.
const attempts = 5

// timeout bounds one attempt, with its body: a store that hangs is asked again.
const timeout = time.Minute

// A Sink keeps objects in a bucket, below a prefix. It implements sink.Sink and is safe for concurrent use.
type Sink struct {
	cfg    Config
	client *s3.Client
	http   *http.Client
	proof  sink.Proof
}

// Open gives the sink. It asks the bucket nothing yet; credentials are looked for as the SDK does: the environment, the
// files in ~/.aws, the identity of the container or machine. The caller closes the sink.
func Open(ctx context.Context, cfg Config) (*Sink, error) {
	transport := awshttp.NewBuildableClient() // to which LoadDefaultConfig adds what AWS_CA_BUNDLE names
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(transport), config.WithLogger(logging.Nop{})}
	if cfg.Credentials != nil {
		load = append(load, config.WithCredentialsProvider(cfg.Credentials))
	}
	if cfg.Region != "" {
		load = append(load, config.WithRegion(cfg.Region))
	}
	shared, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read the settings of AWS: %w", err)
	}
	if shared.Region == "" {
		if cfg.Endpoint == "" {
			return nil, fmt.Errorf("open %s: no region is set: add ?region= to the sink's address, or set AWS_REGION", cfg)
		}
		shared.Region = "us-east-1" // what stores that have no regions expect
	}
	if with, ok := shared.HTTPClient.(*awshttp.BuildableClient); ok {
		transport = with
	}
	client := &http.Client{Transport: transport.GetTransport(), Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Sink{cfg: cfg, http: client, client: s3.NewFromConfig(shared, func(o *s3.Options) {
		o.HTTPClient = client
		o.UsePathStyle = cfg.PathStyle
		if cfg.Endpoint != "" {
			o.BaseEndpoint = &cfg.Endpoint
		}
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired // put gives its own, which older stores take too
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts = attempts
			if cfg.MaxWait > 0 {
				r.MaxBackoff = cfg.MaxWait
			}
			r.Retryables = append(r.Retryables, retry.RetryableErrorCode{Codes: map[string]struct{}{"ConditionalRequestConflict": {}, "OperationAborted": {}}},
				retry.IsErrorRetryableFunc(cutOff))
		})
		o.APIOptions = append(o.APIOptions, noteDoubt)
	})}, nil
}

// cutOff has the SDK send a request again whose answer ended too early.
func cutOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// Close ends idle connections. No method may be running or be called later.
func (s *Sink) Close() error {
	s.http.CloseIdleConnections()
	return nil
}

func (s *Sink) key(key string) *string { return aws.String(s.cfg.Prefix + key) }

// Get implements sink.Sink.
func (s *Sink) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if err := sink.CheckKey(key); err != nil {
		return nil, "", fmt.Errorf("get object: %w", err)
	}
	for try := 1; ; try++ {
		body, v, err := s.get(ctx, key)
		var cut *cutError
		if try < attempts && errors.As(err, &cut) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("get object %q: %w", key, err)
		}
		return body, v, nil
	}
}

// A cutError says that a body ended too early, or not as it was stored. The SDK only retries up to its first byte.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

func (s *Sink) get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: s.key(key)})
	if code(err) == "NoSuchKey" {
		return nil, "", fs.ErrNotExist
	}
	if err != nil {
		return nil, "", s.explain(err, "s3:GetObject")
	}
	if err := sink.CheckSize(aws.ToInt64(out.ContentLength)); err != nil {
		return nil, "", errors.Join(err, out.Body.Close())
	}
	body, err := sink.ReadBody(out.Body)
	err = errors.Join(err, out.Body.Close())
	if errors.Is(err, sink.ErrTooLarge) {
		return nil, "", err
	}
	if err != nil {
		return nil, "", &cutError{err}
	}
	return body, sink.Version(aws.ToString(out.ETag)), nil
}

// Put implements sink.Sink.
func (s *Sink) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	if cond != sink.Always {
		if err := s.proof.Make(ctx, s.cfg.String(), s.put, s.Delete); err != nil {
			return "", fmt.Errorf("put object %q: %w", key, err)
		}
	}
	v, err := s.put(ctx, key, body, cond)
	if err != nil {
		return "", fmt.Errorf("put object %q: %w", key, err)
	}
	return v, nil
}

func (s *Sink) put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	sum := sha256.Sum256(body)
	in := &s3.PutObjectInput{Bucket: &s.cfg.Bucket, Key: s.key(key), Body: bytes.NewReader(body),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
		ContentType:    aws.String(sink.ContentType(key)), CacheControl: aws.String(sink.CacheControl(key)),
		ServerSideEncryption: types.ServerSideEncryption(s.cfg.SSE)}
	if s.cfg.KMSKey != "" {
		in.SSEKMSKeyId = &s.cfg.KMSKey
	}
	v, conditional := cond.Version()
	switch {
	case cond.Absent():
		in.IfNoneMatch = aws.String("*")
	case conditional && !strings.HasPrefix(string(v), `"`):
		return "", sink.ErrConflict // no ETag, and not to be taken for "*" or a list of them
	case conditional:
		in.IfMatch = aws.String(string(v))
	}
	ctx, doubt := withDoubt(ctx)
	out, err := s.client.PutObject(ctx, in)
	if refused(err, conditional) {
		return s.conflict(ctx, key, body, doubt.Load())
	}
	if err != nil {
		return "", s.explain(err, "s3:PutObject")
	}
	return sink.Version(aws.ToString(out.ETag)), nil
}

// refused tells that a condition did not hold. An object that is not there has no version, and a store may say that.
func refused(err error, conditional bool) bool {
	c := code(err)
	return c == "PreconditionFailed" || c == "412" || conditional && (c == "NoSuchKey" || c == "NotFound" || c == "404")
}

// conflict gives sink.ErrConflict, unless an attempt before may have written the object: then what is there tells.
func (s *Sink) conflict(ctx context.Context, key string, body []byte, doubt bool) (sink.Version, error) {
	if !doubt {
		return "", sink.ErrConflict
	}
	there, v, err := s.Get(ctx, key)
	if err == nil && bytes.Equal(there, body) {
		return v, nil
	}
	return "", errors.Join(errors.New("an answer was lost, and the object has changed since: whether it was written in between is not known"), err)
}

// Delete implements sink.Sink. In a bucket with versioning the old bytes stay, as a version that is not current.
func (s *Sink) Delete(ctx context.Context, key string) error {
	if err := sink.CheckKey(key); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: s.key(key)})
	if err != nil && code(err) != "NoSuchKey" {
		return fmt.Errorf("delete object %q: %w", key, s.explain(err, "s3:DeleteObject"))
	}
	return nil
}

// List implements sink.Sink. One request gives up to 1,000 objects.
func (s *Sink) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		if err := sink.CheckPrefix(prefix); err != nil {
			yield(sink.Object{}, fmt.Errorf("list objects: %w", err))
			return
		}
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.cfg.Bucket, Prefix: s.key(prefix), EncodingType: types.EncodingTypeUrl})
		for after := ""; pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(sink.Object{}, fmt.Errorf("list objects below %q: %w", prefix, s.explain(err, "s3:ListBucket")))
				return
			}
			next := aws.ToString(page.NextContinuationToken)
			if next != "" && next == after {
				yield(sink.Object{}, fmt.Errorf("list objects below %q: the store says again and again that there is more after %.100q", prefix, after))
				return
			}
			after = next
			for _, o := range page.Contents {
				if one, ok := s.object(o, page.EncodingType); ok && !yield(one, nil) {
					return
				}
			}
		}
	}
}

// object reads one line of a listing; false for what somebody else has put under a key that no sink has.
func (s *Sink) object(o types.Object, encoding types.EncodingType) (sink.Object, bool) {
	key := aws.ToString(o.Key)
	if encoding == types.EncodingTypeUrl {
		plain, err := url.QueryUnescape(key)
		if err != nil {
			return sink.Object{}, false
		}
		key = plain
	}
	key, below := strings.CutPrefix(key, s.cfg.Prefix)
	if !below || sink.CheckKey(key) != nil {
		return sink.Object{}, false
	}
	return sink.Object{Key: key, Version: sink.Version(aws.ToString(o.ETag)), Size: aws.ToInt64(o.Size), ModTime: aws.ToTime(o.LastModified).In(time.UTC)}, true
}
