package governance

import (
	"strings"
	"testing"
)

func TestOwners(t *testing.T) {
	owners, err := ReadOwners(mapFS(files{"docs/CODEOWNERS": "* @nobody\n", "CODEOWNERS": `# Who owns what
*                @everyone # but
*.js             @web
/schemas/        @acme/platform @ella
customers/*      @nobody
customers/acme   @acme/success
**/secret.yaml   ops@example.com
/shared/**/r*.yaml @rates
docs/my\ guide.md @writer
customers/free/
!negated         @x
[ab]             @x
`}))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"README.md":                  "@everyone",
		"a/b/c.js":                   "@web",
		"schemas/plan.schema.json":   "@acme/platform @ella",
		"x/schemas/a.json":           "@everyone",
		"customers/list.yaml":        "@nobody",
		"customers/beta/plan.yaml":   "@everyone",
		"customers/acme/plan.yaml":   "@acme/success",
		"customers/acme/secret.yaml": "ops@example.com",
		"shared/rates.yaml":          "@rates",
		"shared/eu/x/rates.yaml":     "@rates",
		"docs/my guide.md":           "@writer",
		"customers/free/plan.yaml":   "",
	} {
		if got := strings.Join(owners.Of(path), " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if none, err := ReadOwners(mapFS(nil)); err != nil || none.Of("a") != nil {
		t.Errorf("without the file: %v, %v", none.Of("a"), err)
	}
}
