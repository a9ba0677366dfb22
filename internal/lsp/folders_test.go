package lsp_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/lsp"
)

// Each folder of an editor is served by its own repository, one that is opened later than a document of it and one within another too; of
// one that is closed nothing is shown any more.
func TestFolders(t *testing.T) {
	outer := shop(t)
	roots := []string{outer, shop(t), shop(t), filepath.Join(outer, "customers")}
	closed := map[string]int{}
	cfg := config("")
	cfg.Find = func(_ context.Context, dir string) (lsp.Repository, error) {
		root := ""
		for _, one := range roots {
			if strings.HasPrefix(dir, one) && len(one) > len(root) {
				root = one
			}
		}
		return lsp.Repository{Root: root, Close: func() error { closed[root]++; return nil }}, nil
	}
	uri := func(folder int, path string) string { return "file://" + filepath.Join(roots[folder], path) }
	folders := func(method, lists string) string {
		return frame(fmt.Sprintf(`{"jsonrpc":"2.0",%s}`, fmt.Sprintf(method, lists)))
	}
	open := func(folder int) string {
		return frame(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":%q,"version":%d,"text":"campaigns: ["}}}`,
			uri(folder, "customers/acme/campaigns.yaml"), folder))
	}
	shows := func(folder int, what string) string {
		return fmt.Sprintf(`{"uri":%q,%s`, uri(folder, "customers/acme/campaigns.yaml"), what)
	}
	said, err := talk(t, cfg, append([][2]string{
		{folders(`"id":1,"method":"initialize","params":{"workspaceFolders":[%s]}`,
			fmt.Sprintf(`{"uri":%q},{"uri":%q},{"uri":%q}`, uri(0, ""), uri(1, ""), uri(1, "customers"))), `"changeNotifications":true`},
		{open(0), shows(0, `"version":0,"diagnostics":[{`)},
		{open(1), shows(1, `"version":1,"diagnostics":[{`)},
		{open(2), ""}, // before its folder
		{folders(`"method":"workspace/didChangeWorkspaceFolders","params":{"event":{%s}}`, fmt.Sprintf(`"removed":[{"uri":%q}],"added":[{"uri":%q},{"uri":%q}]`,
			uri(1, ""), uri(2, ""), uri(3, ""))), shows(2, `"version":2,"diagnostics":[{`)},
		{folders(`"method":"workspace/didChangeWorkspaceFolders","params":{"event":{%s}}`, fmt.Sprintf(`"removed":[{"uri":%q}],"added":[]`,
			uri(1, "customers"))), shows(1, `"diagnostics":[]`)},
	}, goodbye...)...)
	if err != nil || strings.Contains(said, "logMessage") {
		t.Error(err, said)
	}
	// Two folders of one repository are one: it was found twice, and closed each time.
	if closed[roots[0]] != 1 || closed[roots[1]] != 2 || closed[roots[2]] != 1 || closed[roots[3]] != 1 {
		t.Errorf("closed are %v", closed)
	}
}
