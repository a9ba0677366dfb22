package app

import (
	"cmp"
	"fmt"
)

// GitHubAddress gives the address of GitHub and the root of its API, as the server's settings of the same names say, for commands
// that have no other setting.
func GitHubAddress(getenv func(string) string) (web, api string, err error) {
	var c Config
	if err := setGitHubURL(&c, cmp.Or(getenv("TAMER_GITHUB_URL"), getenv("GHE_HOST"), "https://github.com")); err != nil {
		return "", "", fmt.Errorf("TAMER_GITHUB_URL: %w", err)
	}
	if value := getenv("TAMER_GITHUB_API_URL"); value != "" {
		if err := setAPIURL(&c, value); err != nil {
			return "", "", fmt.Errorf("TAMER_GITHUB_API_URL: %w", err)
		}
	}
	c.derive()
	return c.GitHubURL, c.APIURL, nil
}
