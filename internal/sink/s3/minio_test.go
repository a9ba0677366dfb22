package s3_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/tamerhq/tamer/internal/miniotest"
	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/s3"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// minio gives the address of a real MinIO, and a client that may do with it what a sink does not.
func minio(t *testing.T) (endpoint string, admin *api.Client) {
	t.Helper()
	endpoint = miniotest.Start(t)
	admin = api.New(api.Options{Region: "us-east-1", UsePathStyle: true, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(miniotest.User, miniotest.Secret, "")})
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return endpoint, admin
}

func TestMinIO(t *testing.T) {
	t.Parallel()
	endpoint, admin := minio(t)
	t.Run("headers", func(t *testing.T) { headers(t, endpoint, admin) })
	t.Run("versioning", func(t *testing.T) { versioning(t, endpoint, admin) })
	t.Run("lifecycle", func(t *testing.T) { lifecycle(t, endpoint, admin) })
	t.Run("expiry", func(t *testing.T) { expiry(t, endpoint, admin) })
	t.Run("steps", func(t *testing.T) {
		shiptest.Steps(t, open(t, s3.Config{Bucket: "config", Prefix: "steps/", Endpoint: endpoint}), nil)
	})
	t.Run("never torn", func(t *testing.T) { storm(t, endpoint) })
	t.Run("renew", func(t *testing.T) { renew(t, endpoint, admin) })
	t.Run("refusals", func(t *testing.T) { refusals(t, endpoint) })
}

// headers holds what a reader by HTTP is told, and that the store keeps the checksum.
func headers(t *testing.T, endpoint string, admin *api.Client) {
	s := open(t, s3.Config{Bucket: "config", Prefix: "headers/", Endpoint: endpoint})
	for key, want := range map[string][2]string{
		".tamer/bundles/00.json":          {"application/json", "max-age=31536000, immutable"},
		".tamer/channels/production.json": {"application/json", "no-cache"},
		"acme/segments.yaml":              {"application/yaml", "no-cache"},
	} {
		if _, err := s.Put(t.Context(), key, []byte("{}"), sink.Always); err != nil {
			t.Fatal(err)
		}
		out, err := admin.HeadObject(t.Context(), &api.HeadObjectInput{Bucket: aws.String("config"), Key: aws.String("headers/" + key), ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			t.Fatal(err)
		}
		got := [2]string{aws.ToString(out.ContentType), aws.ToString(out.CacheControl)}
		if got != want || aws.ToString(out.ChecksumSHA256) == "" {
			t.Errorf("%s: %q and the checksum %q, want %q", key, got, aws.ToString(out.ChecksumSHA256), want)
		}
	}
}

// versioning holds that a bucket is a sink, and one that keeps old versions is one like any other.
func versioning(t *testing.T, endpoint string, admin *api.Client) {
	bucket := aws.String("versioned")
	if _, err := admin.CreateBucket(t.Context(), &api.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.PutBucketVersioning(t.Context(), &api.PutBucketVersioningInput{Bucket: bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}); err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	sinktest.Run(t, func(t *testing.T) sink.Sink {
		return open(t, s3.Config{Bucket: "versioned", Prefix: fmt.Sprint(n.Add(1), "/"), Endpoint: endpoint})
	})
	s := open(t, s3.Config{Bucket: "versioned", Prefix: "old/", Endpoint: endpoint})
	for _, body := range []string{"one", "two"} {
		if _, err := s.Put(t.Context(), "k", []byte(body), sink.Always); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	out, err := admin.ListObjectVersions(t.Context(), &api.ListObjectVersionsInput{Bucket: bucket, Prefix: aws.String("old/k")})
	if err != nil || len(out.Versions) != 2 || len(out.DeleteMarkers) != 1 {
		t.Errorf("%d versions and %d delete markers, %v; want 2 and 1", len(out.Versions), len(out.DeleteMarkers), err)
	}
	if _, err := s.Put(t.Context(), "k", []byte("three"), sink.IfAbsent()); err != nil {
		t.Errorf("Put IfAbsent over a delete marker: %v", err)
	}
}

// lifecycle holds that the rules of previews are set beside those of others, follow what is asked, and can be taken back.
func lifecycle(t *testing.T, endpoint string, admin *api.Client) {
	bucket := aws.String("config")
	foreign := types.LifecycleRule{ID: aws.String("logs"), Status: types.ExpirationStatusEnabled,
		Filter: &types.LifecycleRuleFilter{Prefix: aws.String("logs/")}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(7)}}
	if _, err := admin.PutBucketLifecycleConfiguration(t.Context(), &api.PutBucketLifecycleConfigurationInput{Bucket: bucket,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{foreign}}}); err != nil {
		t.Fatal(err)
	}
	rules := func() map[string]int32 {
		t.Helper()
		out, err := admin.GetBucketLifecycleConfiguration(t.Context(), &api.GetBucketLifecycleConfigurationInput{Bucket: bucket})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int32{}
		for _, r := range out.Rules {
			all[*r.Filter.Prefix] = *r.Expiration.Days
		}
		return all
	}
	expire := func(s *s3.Sink, days map[string]int32, want map[string]int32) {
		t.Helper()
		if did, err := s.Expire(t.Context(), days); err != nil || !did {
			t.Fatalf("Expire = %v, %v", did, err)
		}
		if got := rules(); !maps.Equal(got, want) {
			t.Errorf("the bucket's rules are %v, want %v", got, want)
		}
	}
	one := open(t, s3.Config{Bucket: "config", Prefix: "one/", Endpoint: endpoint, Lifecycle: true})
	other := open(t, s3.Config{Bucket: "config", Endpoint: endpoint, Lifecycle: true})
	expire(one, map[string]int32{".branches/": 30, ".commits/": 5}, map[string]int32{"logs/": 7, "one/.branches/": 30, "one/.commits/": 5})
	expire(other, map[string]int32{".branches/": 9}, map[string]int32{"logs/": 7, "one/.branches/": 30, "one/.commits/": 5, ".branches/": 9})
	expire(one, map[string]int32{".branches/": 14}, map[string]int32{"logs/": 7, "one/.branches/": 14, ".branches/": 9})
	expire(one, map[string]int32{".branches/": 14}, map[string]int32{"logs/": 7, "one/.branches/": 14, ".branches/": 9})
	expire(one, nil, map[string]int32{"logs/": 7, ".branches/": 9})

	without := open(t, s3.Config{Bucket: "config", Prefix: "one/", Endpoint: endpoint})
	if did, err := without.Expire(t.Context(), map[string]int32{".branches/": 14}); did || err != nil {
		t.Errorf("without the setting, Expire = %v, %v", did, err)
	}
	for s, want := range map[*s3.Sink]bool{one: true, without: false} {
		if does, err := s.Expires(t.Context()); does != want || err != nil {
			t.Errorf("Expires = %v, %v, want %v", does, err, want)
		}
	}
	for prefix, days := range map[string]int32{"": 5, ".branches": 5, ".branches/": 0} {
		if _, err := one.Expire(t.Context(), map[string]int32{prefix: days}); err == nil {
			t.Errorf("Expire of %q after %d days gives no error", prefix, days)
		}
	}
}

// expiry holds that the store itself removes what is older than a preview may get, unless it was renewed, and nothing else.
func expiry(t *testing.T, endpoint string, admin *api.Client) {
	s := open(t, s3.Config{Bucket: "config", Prefix: "aged/", Endpoint: endpoint, Lifecycle: true})
	const day = 24 * time.Hour
	for key, age := range map[string]time.Duration{".branches/x/old": 16 * day, ".branches/x/renewed": 16 * day, ".branches/x/young": 13 * day, "acme/old": 400 * day, ".tamer/bundles/old": 400 * day} {
		written := smithyhttp.AddHeaderValue("X-Minio-Source-Mtime", time.Now().Add(-age).UTC().Format(time.RFC3339Nano))
		if _, err := admin.PutObject(t.Context(), &api.PutObjectInput{Bucket: aws.String("config"), Key: aws.String("aged/" + key), Body: strings.NewReader("body")},
			func(o *api.Options) { o.APIOptions = append(o.APIOptions, written) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Renew(t.Context(), []string{".branches/x/renewed"}); err != nil {
		t.Fatal(err)
	}
	if did, err := s.Expire(t.Context(), map[string]int32{".branches/": 14}); err != nil || !did {
		t.Fatalf("Expire = %v, %v", did, err)
	}
	for key, gone := range map[string]bool{".branches/x/old": true, ".branches/x/renewed": false, ".branches/x/young": false, "acme/old": false, ".tamer/bundles/old": false} {
		if _, _, err := s.Get(t.Context(), key); errors.Is(err, fs.ErrNotExist) != gone || !gone && err != nil {
			t.Errorf("%s: %v; want it gone: %t", key, err, gone)
		}
	}
}

// renew holds that a renewed object is younger and else the same, and that one that is not there stays so.
func renew(t *testing.T, endpoint string, admin *api.Client) {
	s := open(t, s3.Config{Bucket: "config", Prefix: "renew/", Endpoint: endpoint, Lifecycle: true})
	const key = ".branches/a%2fb/société/a+b c.yaml"
	v, err := s.Put(t.Context(), key, []byte("body"), sink.Always)
	if err != nil {
		t.Fatal(err)
	}
	written := func() time.Time {
		t.Helper()
		out, err := admin.HeadObject(t.Context(), &api.HeadObjectInput{Bucket: aws.String("config"), Key: aws.String("renew/" + key)})
		if err != nil || aws.ToString(out.ContentType) != "application/yaml" || aws.ToString(out.CacheControl) != "no-cache" {
			t.Fatalf("%s, %s, %v", aws.ToString(out.ContentType), aws.ToString(out.CacheControl), err)
		}
		return *out.LastModified
	}
	before, tick := written(), time.NewTicker(100*time.Millisecond) // the clock of HTTP counts seconds
	defer tick.Stop()
	for range 100 {
		if err := s.Renew(t.Context(), []string{key, ".branches/none"}); err != nil {
			t.Fatal(err)
		}
		if written().After(before) {
			break
		}
		<-tick.C
	}
	if !written().After(before) {
		t.Errorf("after Renew the object is still of %v", before)
	}
	if body, now, err := s.Get(t.Context(), key); err != nil || string(body) != "body" || now != v {
		t.Errorf("after Renew the object is %q, version %q, %v; want version %q", body, now, err, v)
	}
}

// refusals are what a real store says, in words that say what to do.
func refusals(t *testing.T, endpoint string) {
	s := open(t, s3.Config{Bucket: "none-such", Endpoint: endpoint})
	_, err := s.Put(t.Context(), "k", nil, sink.Always)
	wantWords(t, err, `there is no bucket "none-such"`)
	_, _, err = s.Get(t.Context(), "k")
	wantWords(t, err, `there is no bucket "none-such"`)
	if errors.Is(err, fs.ErrNotExist) {
		t.Error("a missing bucket is taken for a missing object")
	}
	stranger, err := s3.Open(t.Context(), s3.Config{Bucket: "config", Endpoint: endpoint, PathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("testkey", "wrong", "")})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	_, err = stranger.Put(t.Context(), "k", nil, sink.Always)
	wantWords(t, err, "the store does not know these credentials")
}
