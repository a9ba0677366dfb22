package s3_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink/s3"
)

func TestParse(t *testing.T) {
	for address, want := range map[string]s3.Config{
		"s3://acme-config":  {Bucket: "acme-config"},
		"s3://acme-config/": {Bucket: "acme-config"},
		"s3://acme-config/tamer/shop/?region=eu-north-1":                                  {Bucket: "acme-config", Prefix: "tamer/shop/", Region: "eu-north-1"},
		"s3://b.b/é%20x?sse=aws:kms&kms_key=alias/config":                                 {Bucket: "b.b", Prefix: "é x/", SSE: "aws:kms", KMSKey: "alias/config"},
		"s3://old_Bucket?endpoint=https://minio.example.com/&path_style=true&lifecycle=1": {Bucket: "old_Bucket", Endpoint: "https://minio.example.com", PathStyle: true, Lifecycle: true},
		"s3://bucket?endpoint=http://127.0.0.1:9000&sse=AES256":                           {Bucket: "bucket", Endpoint: "http://127.0.0.1:9000", SSE: "AES256"},
		"s3://bucket?endpoint=http://minio:9000&plain_http=true":                          {Bucket: "bucket", Endpoint: "http://minio:9000", PlainHTTP: true},
	} {
		if got, err := s3.Parse(address); err != nil || got != want {
			t.Errorf("%s\ngot  %+v, %v\nwant %+v", address, got, err, want)
		}
	}
	for address, want := range map[string]string{
		"file:/x":                   "write s3://BUCKET/PREFIX",
		"s3:bucket":                 "write s3://BUCKET/PREFIX",
		"s3://":                     `"" is no name of a bucket`,
		"s3://key:hunter2@bucket/x": "credentials come from the environment",
		"s3://bucket/a/../b":        "the prefix cannot be used",
		"s3://bucket/a//b":          "the prefix cannot be used",
		"s3://bucket/" + strings.Repeat("x/", 150): "more than 256 bytes",
		"s3://bucket?regoin=x":                     `"regoin" is nothing that S3 sinks know`,
		"s3://bucket?region=a&region=b":            "region is set twice",
		"s3://bucket?path_style=yes":               `path_style is "yes"; write true or false`,
		"s3://bucket?sse=KMS":                      `sse is "KMS"; write AES256, aws:kms or aws:kms:dsse`,
		"s3://bucket?kms_key=x":                    "write sse=aws:kms too",
		"s3://bucket?endpoint=minio:9000":          "endpoint: write an address",
		"s3://bucket?endpoint=http://example.com":  "endpoint: write https://",
		"s3://bucket?a=%zz":                        "the part after ? cannot be read",
	} {
		_, err := s3.Parse(address)
		wantWords(t, err, want)
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: a secret is shown: %v", address, err)
		}
	}
}

// Without a region Amazon's bucket cannot be found.
func TestNoRegion(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	_, err := s3.Open(t.Context(), s3.Config{Bucket: "bucket"})
	wantWords(t, err, "open s3://bucket/: no region is set: add ?region=")
}
