// Command openapi makes the trimmed copy of GitHub's OpenAPI description that tests check tamer's requests against. Run
// it from the root of the repository, with npm at hand:
//
//	go -C tools run ./openapi
//
// The description comes from the npm package @octokit/openapi (MIT licence). Kept are the operations listed below, with
// the schemas that they refer to; texts, examples and answers that say no are left out.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	source = "@octokit/openapi@23.0.2"
	member = "package/generated/api.github.com.json"
	target = "../internal/fakegithub/openapi/testdata/openapi.json"
	// limit keeps the copy small enough for the repository, in bytes.
	limit = 600_000
)

// operations are those that tamer calls, and those that the fake GitHub serves for its tests.
var operations = []string{
	"GET /app",
	"POST /app-manifests/{code}/conversions",
	"GET /app/hook/config",
	"GET /app/hook/deliveries",
	"GET /app/hook/deliveries/{delivery_id}",
	"POST /app/hook/deliveries/{delivery_id}/attempts",
	"GET /app/installations",
	"GET /app/installations/{installation_id}",
	"POST /app/installations/{installation_id}/access_tokens",
	"GET /installation/repositories",
	"GET /orgs/{org}/teams/{team_slug}/members",
	"GET /rate_limit",
	"GET /repos/{owner}/{repo}",
	"GET /repos/{owner}/{repo}/activity",
	"GET /repos/{owner}/{repo}/branches/{branch}",
	"POST /repos/{owner}/{repo}/check-runs",
	"GET /repos/{owner}/{repo}/check-runs/{check_run_id}",
	"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
	"GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
	"POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest",
	"GET /repos/{owner}/{repo}/collaborators",
	"GET /repos/{owner}/{repo}/collaborators/{username}/permission",
	"GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
	"GET /repos/{owner}/{repo}/commits/{ref}",
	"GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
	"GET /repos/{owner}/{repo}/deployments",
	"POST /repos/{owner}/{repo}/deployments",
	"GET /repos/{owner}/{repo}/deployments/{deployment_id}",
	"GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
	"POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
	"POST /repos/{owner}/{repo}/git/commits",
	"PATCH /repos/{owner}/{repo}/git/refs/{ref}",
	"POST /repos/{owner}/{repo}/git/trees",
	"GET /repos/{owner}/{repo}/installation",
	"GET /repos/{owner}/{repo}/issues/comments/{comment_id}",
	"PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
	"DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}",
	"POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
	"GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
	"GET /repos/{owner}/{repo}/issues/{issue_number}/events",
	"GET /repos/{owner}/{repo}/pulls",
	"GET /repos/{owner}/{repo}/pulls/{pull_number}",
	"GET /repos/{owner}/{repo}/pulls/{pull_number}/commits",
	"GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
	"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
	"POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
	"GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
	"GET /repos/{owner}/{repo}/rules/branches/{branch}",
	"GET /users/{username}",
}

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatalf("openapi: %v", err)
	}
}

func run() error {
	raw, err := fetch()
	if err != nil {
		return err
	}
	var whole map[string]any
	if err := json.Unmarshal(raw, &whole); err != nil {
		return fmt.Errorf("read description: %w", err)
	}
	small, err := trim(whole)
	if err != nil {
		return err
	}
	out, err := json.MarshalIndent(small, "", " ")
	if err != nil {
		return fmt.Errorf("write description: %w", err)
	}
	if len(out) > limit {
		return fmt.Errorf("the trimmed description has %d bytes; at most %d are allowed", len(out), limit)
	}
	if err := os.WriteFile(target, append(out, '\n'), 0o644); err != nil {
		return fmt.Errorf("write description: %w", err)
	}
	return nil
}

// fetch gives the description from the npm package.
func fetch() ([]byte, error) {
	dir, err := os.MkdirTemp("", "openapi")
	if err != nil {
		return nil, fmt.Errorf("make directory: %w", err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("npm", "pack", "--silent", source)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	name, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("fetch %s with npm: %w", source, err)
	}
	packed, err := os.ReadFile(filepath.Join(dir, string(bytes.TrimSpace(name))))
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack package: %w", err)
	}
	files := tar.NewReader(zip)
	for {
		switch head, err := files.Next(); {
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("find %s in %s: it is not there", member, source)
		case err != nil:
			return nil, fmt.Errorf("unpack package: %w", err)
		case head.Name == member:
			return io.ReadAll(files)
		}
	}
}

// trim keeps the operations and what they refer to.
func trim(whole map[string]any) (map[string]any, error) {
	paths := map[string]any{}
	for _, op := range operations {
		method, path, _ := strings.Cut(op, " ")
		method = strings.ToLower(method)
		kept, ok := at(whole, "paths", path, method)
		if !ok {
			return nil, fmt.Errorf("find operation %s: the description does not have it", op)
		}
		item, _ := paths[path].(map[string]any)
		if item == nil {
			item = map[string]any{}
			paths[path] = item
		}
		item[method] = strip(kept, false)
	}
	if err := mend(paths); err != nil {
		return nil, err
	}
	small := map[string]any{
		"openapi": whole["openapi"], "paths": paths,
		"info": map[string]any{"title": "GitHub REST API, trimmed from " + source, "version": "1", "license": map[string]any{"name": "MIT"}},
	}
	components := map[string]any{}
	if err := follow(whole, components, paths); err != nil {
		return nil, err
	}
	small["components"] = components
	return small, nil
}

// mend corrects a mistake of the description: in the list of installations, and only there, an account has to be a user
// and an enterprise at once.
func mend(paths map[string]any) error {
	v, _ := at(paths, "/app/installations", "get", "responses", "200", "content", "application/json", "schema", "items", "properties", "account")
	account, _ := v.(map[string]any)
	if account["allOf"] == nil {
		return errors.New("mend account of installations: it is not as wrong as it was; remove this step")
	}
	account["anyOf"] = account["allOf"]
	delete(account, "allOf")
	return nil
}

// follow copies every component that v refers to, directly or not.
func follow(whole, components map[string]any, v any) error {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if err := follow(whole, components, x); err != nil {
				return err
			}
		}
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			return copyComponent(whole, components, ref)
		}
		for _, x := range v {
			if err := follow(whole, components, x); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyComponent(whole, components map[string]any, ref string) error {
	parts := strings.Split(ref, "/") // #/components/KIND/NAME
	if len(parts) != 4 {
		return fmt.Errorf("follow reference %q: it is no component", ref)
	}
	kind, name := parts[2], parts[3]
	group, _ := components[kind].(map[string]any)
	if group == nil {
		group = map[string]any{}
		components[kind] = group
	}
	if _, done := group[name]; done {
		return nil
	}
	found, ok := at(whole, "components", kind, name)
	if !ok {
		return fmt.Errorf("follow reference %q: it leads nowhere", ref)
	}
	group[name] = strip(found, false)
	if kind == "responses" {
		described(group[name])
	}
	return follow(whole, components, group[name])
}

func at(v any, path ...string) (any, bool) {
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[key]; !ok {
			return nil, false
		}
	}
	return v, true
}

// strip drops what no check looks at. Within properties the keys are names, and all of them stay.
func strip(v any, names bool) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, x := range v {
			out = append(out, strip(x, false))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, x := range v {
			if !names && dropped(key) {
				continue
			}
			if key == "responses" && !names {
				out[key] = answers(x)
			} else {
				out[key] = strip(x, key == "properties" && !names)
			}
		}
		return out
	}
	return v
}

func dropped(key string) bool {
	switch key {
	case "summary", "example", "examples", "externalDocs", "tags", "title", "deprecated":
		return true
	}
	return strings.HasPrefix(key, "x-") || key == "description"
}

// answers keeps those that say yes.
func answers(v any) any {
	all, _ := v.(map[string]any)
	out := map[string]any{}
	for status, x := range all {
		if strings.HasPrefix(status, "2") {
			out[status] = described(strip(x, false))
		}
	}
	return out
}

// described gives an answer the description that OpenAPI demands.
func described(answer any) any {
	if m, ok := answer.(map[string]any); ok && m["$ref"] == nil {
		m["description"] = ""
	}
	return answer
}
