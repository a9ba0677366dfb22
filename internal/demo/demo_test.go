package demo_test

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/demo"
)

// The whole story, without a person.
func TestOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out bytes.Buffer
	if err := demo.Run(t.Context(), demo.Options{Once: true, Out: &out, Dir: t.TempDir()}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{"tamer/validate: failure", "tamer/validate: success", "refused", "tamer/deploy: success", "generation 4", "Every step did what it should."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story does not say %q:\n%s", want, &out)
		}
	}
}
