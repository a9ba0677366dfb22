package app

import (
	"strings"
	"testing"
)

func TestGitHubAddress(t *testing.T) {
	for name, c := range map[string]struct {
		env       map[string]string
		web, want string
	}{
		"nothing set": {nil, "https://github.com", "https://api.github.com/"},
		"a server":    {map[string]string{"TAMER_GITHUB_URL": "https://github.example.com/"}, "https://github.example.com", "https://github.example.com/api/v3/"},
		"by its host": {map[string]string{"GHE_HOST": "github.example.com"}, "https://github.example.com", "https://github.example.com/api/v3/"},
		"API apart":   {map[string]string{"TAMER_GITHUB_API_URL": "https://proxy.example.com/gh"}, "https://github.com", "https://proxy.example.com/gh/"},
		"insecure":    {map[string]string{"TAMER_GITHUB_URL": "http://github.example.com"}, "", "TAMER_GITHUB_URL: write https://"},
		"API no URL":  {map[string]string{"TAMER_GITHUB_API_URL": "gh"}, "", "TAMER_GITHUB_API_URL: write an address"},
	} {
		t.Run(name, func(t *testing.T) {
			web, api, err := GitHubAddress(func(name string) string { return c.env[name] })
			if err != nil {
				api = err.Error()
			}
			if web != c.web || !strings.HasPrefix(api, c.want) {
				t.Errorf("%q and %q, want %q and %q", web, api, c.web, c.want)
			}
		})
	}
}
