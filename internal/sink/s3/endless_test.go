package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink/s3"
)

// A store that takes no notice of where a page begins gives the first one for ever.
func TestListingWithoutEnd(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		io.WriteString(w, `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken><Contents><Key>k</Key><ETag>"1"</ETag></Contents></ListBucketResult>`)
	}))
	defer store.Close()
	n := 0
	for _, err := range open(t, s3.Config{Bucket: "config", Endpoint: store.URL}).List(t.Context(), "") {
		if n++; err != nil && strings.Contains(err.Error(), "again and again") {
			return
		} else if err != nil || n > 10 {
			t.Fatalf("%d objects, %v", n, err)
		}
	}
	t.Errorf("it ended after %d objects", n)
}
