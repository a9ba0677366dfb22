package work_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

func TestPress(t *testing.T) {
	head := forge.Commit(strings.Repeat("a", 40))
	p := work.Press{Action: "fix", Head: head, By: forge.User{ID: 7, Login: "anna-l"}}
	if got, err := work.ParsePress(p.Name()); err != nil || got != p {
		t.Errorf("got %+v, %v; want %+v", got, err, p)
	}
	for _, name := range []string{"", "fix", "fix/" + string(head) + "/7", "fix/main/7/anna", "fix/" + string(head) + "/x/anna",
		"fix/" + string(head) + "/0/anna", "/" + string(head) + "/7/anna", "fix/" + string(head) + "/7/", "fix/" + string(head) + "/7/a/b"} {
		if got, err := work.ParsePress(name); err == nil {
			t.Errorf("%q was read as %+v", name, got)
		}
	}
}
