package cli_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// A shop is a configuration repository at a GitHub, where ann, bob and eve may write.
type shop struct {
	*fakegithub.Server
	t *testing.T
}

const shopRepo = "shop/configs"

func newShop(t *testing.T) *shop {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	fake, err := fakegithub.New(fakegithub.Config{Dir: t.TempDir(), AppID: 1, PublicKey: &key.PublicKey})
	must(t, err)
	must(t, fake.Start("127.0.0.1:0"))
	t.Cleanup(func() { fake.Close() })
	must(t, fake.CreateRepo(shopRepo, map[string][]byte{"customers/acme/plan.yaml": []byte("days: 30\nseats: 1\n")}))
	for login, role := range map[string]string{"ann": "write", "bob": "write", "eve": "write"} {
		must(t, fake.SetRole(shopRepo, login, role))
	}
	return &shop{fake, t}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// merge makes a change through a pull request that somebody approves; it gives the number and the commit on main.
func (s *shop) merge(branch, content, approver, method string) (int, string) {
	s.t.Helper()
	_, err := s.Push(shopRepo, branch, fakegithub.Change{Author: "ann", Message: "Change " + branch, Files: map[string][]byte{"customers/acme/plan.yaml": []byte(content)}})
	must(s.t, err)
	number, err := s.OpenPull(shopRepo, fakegithub.Pull{Title: "Please " + branch, Head: branch, Base: "main", Author: "ann"})
	must(s.t, err)
	if approver != "" {
		_, err = s.Review(shopRepo, number, approver, "APPROVE", "")
		must(s.t, err)
	}
	sha, err := s.Merge(shopRepo, number, method, "ann")
	must(s.t, err)
	return number, sha
}

// deploy makes a deployment to production that succeeds.
func (s *shop) deploy(sha string) {
	s.t.Helper()
	made := s.post("/repos/"+shopRepo+"/deployments", map[string]any{"ref": sha, "auto_merge": false, "required_contexts": []string{}, "environment": "production"})
	s.post(fmt.Sprintf("/repos/%s/deployments/%.0f/statuses", shopRepo, made["id"]), map[string]any{"state": "success"})
}

// post sends one request as ann.
func (s *shop) post(path string, body map[string]any) map[string]any {
	s.t.Helper()
	src, err := json.Marshal(body)
	must(s.t, err)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL()+"/api/v3"+path, bytes.NewReader(src))
	must(s.t, err)
	req.Header.Set("Authorization", "Bearer "+s.UserToken("ann"))
	resp, err := http.DefaultClient.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	var answer map[string]any
	must(s.t, json.NewDecoder(resp.Body).Decode(&answer))
	if resp.StatusCode != http.StatusCreated {
		s.t.Fatalf("POST %s: %d, %v", path, resp.StatusCode, answer)
	}
	return answer
}

// explained is what the test reads of the command's output.
type explained struct {
	Change *struct {
		Kind, Subject string
		Old           any
	}
	Pull *struct {
		Number        int
		Title, Source string
		Author, URL   string
		Approvers     []string
	} `json:"pull_request"`
	Production *struct{ Commit string }
	Notes      []string
}

// explain runs the command in a fresh clone.
func (s *shop) explain(pointer, token string) (e explained, stderr string) {
	s.t.Helper()
	clone := filepath.Join(s.t.TempDir(), "clone")
	address := strings.Replace(s.URL(), "//", "//x:"+s.UserToken("ann")+"@", 1) + "/" + shopRepo + ".git"
	git := exec.CommandContext(s.t.Context(), "git", "clone", "--quiet", address, clone)
	git.Env = append(os.Environ(), gitEnv()...)
	if out, err := git.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	s.t.Chdir(clone)
	s.t.Setenv("TAMER_GITHUB_URL", s.URL())
	s.t.Setenv("GITHUB_TOKEN", token)
	s.t.Setenv("GH_TOKEN", "")
	s.ResetRequests()
	var out, said bytes.Buffer
	if code := cli.Run(s.t.Context(), []string{"explain", "--format", "json", "customers/acme/plan.yaml#" + pointer}, strings.NewReader(""), &out, &said); code != cli.Clean {
		s.t.Fatalf("exit code %d: %s", code, &said)
	}
	must(s.t, json.Unmarshal(out.Bytes(), &e))
	return e, said.String()
}

// GitHub tells what messages do not, whichever way a pull request was merged.
func TestExplainAsksGitHub(t *testing.T) {
	s := newShop(t)
	for _, method := range []string{"merge", "squash"} {
		number, sha := s.merge(method, "days: 30 # "+method+"\nseats: "+method+"\n", "bob", method)
		_, later := s.merge("later-"+method, "days: "+method+"\nseats: "+method+"\n", "eve", "squash")
		s.deploy(later)
		s.deploy(later)
		e, said := s.explain("/seats", s.UserToken("ann"))
		if said != "" || len(e.Notes) > 0 {
			t.Errorf("%s: %s%q", method, said, e.Notes)
		}
		if e.Pull == nil || e.Pull.Number != number || e.Pull.Title != "Please "+method || e.Pull.Author != "ann" || e.Pull.Source != "github" ||
			e.Pull.URL == "" || !slices.Equal(e.Pull.Approvers, []string{"bob"}) {
			t.Errorf("%s: pull request %+v, want #%d", method, e.Pull, number)
		}
		if e.Production == nil || e.Production.Commit != later || later == sha {
			t.Errorf("%s: production %+v, want since %s", method, e.Production, later)
		}
		if n := len(s.Requests()); n > 14 {
			t.Errorf("%s: %d calls", method, n)
		}
	}
}

// What GitHub does not tell is said, and is no failure; messages count then. No token is shown or sent where there is none.
func TestExplainWithoutGitHub(t *testing.T) {
	s := newShop(t)
	number, _ := s.merge("merge", "days: 30\nseats: 2\n", "bob", "merge")
	e, said := s.explain("/seats", "ghp_wrong")
	if !strings.HasPrefix(said, "tamer: GitHub could not be asked: ") || !strings.Contains(said, "401") || strings.Contains(said, "ghp_wrong") {
		t.Errorf("it says %q", said)
	}
	if e.Pull == nil || e.Pull.Number != number || e.Pull.Source != "message" || e.Pull.Title != "Please merge" || e.Production != nil || len(e.Notes) != 1 {
		t.Errorf("%+v, %q", e.Pull, e.Notes)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d calls after GitHub refused", n)
	}
	e, said = s.explain("/seats", "")
	if said != "" || len(e.Notes) != 1 || !strings.HasSuffix(e.Notes[0], ": set GITHUB_TOKEN to ask "+s.URL()) || len(s.Requests()) > 0 {
		t.Errorf("without a token: %q, %q, %d calls", said, e.Notes, len(s.Requests()))
	}
}
