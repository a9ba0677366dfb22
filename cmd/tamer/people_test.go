package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// repository is where people work in these tests.
const repository = "acme/config"

// pulls is how many pull requests are open.
const pulls = 12

// People push, merge and give commands while tamer is killed, and remember what should have come of it.
type people struct {
	*fleet
	acts     int
	commits  []string    // all that were pushed anywhere
	commands map[int]int // by pull request
}

// newPeople makes the repository, with its pull requests.
func newPeople(f *fleet) *people {
	f.t.Helper()
	p := &people{fleet: f, commands: map[int]int{}}
	files := map[string][]byte{"schemas/plan.schema.json": []byte(`{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}`)}
	for i := range pulls {
		files[customer(i)] = []byte("name: Old\n")
	}
	p.must(f.Hub.CreateRepo(repository, files))
	p.must(f.Hub.SetRole(repository, "anna", "write"))
	_, err := f.Hub.Install("acme")
	p.must(err)
	p.commits = append(p.commits, p.tip("main"))
	for i := range pulls {
		p.push(branch(i), customer(i))
		n, err := f.Hub.OpenPull(repository, fakegithub.Pull{Head: branch(i), Author: "anna"})
		p.must(err)
		p.commands[n] = 0
	}
	return p
}

func customer(i int) string { return fmt.Sprintf("customers/c%d/plan.yaml", i) }
func branch(i int) string   { return fmt.Sprint("change-", i) }

func (p *people) must(err error) {
	if err != nil {
		p.t.Helper()
		p.t.Fatal(err)
	}
}

func (p *people) tip(branch string) string {
	sha, err := p.Hub.Tip(repository, branch)
	p.must(err)
	return sha
}

func (p *people) push(branch, path string) {
	p.acts++
	sha, err := p.Hub.Push(repository, branch, fakegithub.Change{Files: map[string][]byte{path: fmt.Appendf(nil, "name: New %d\n", p.acts)}, Author: "anna"})
	p.must(err)
	p.commits = append(p.commits, sha)
}

// act does the next thing: of four, two push to a pull request, one gives a command, and one changes production.
func (p *people) act() {
	open := p.open()
	one := open[p.number(len(open))]
	switch p.acts % 4 {
	case 0:
		p.acts++
		_, err := p.Hub.Comment(repository, one.Number, "anna", "/tamer help")
		p.must(err)
		p.commands[one.Number]++
	case 1:
		p.push("main", "customers/live/plan.yaml")
	default:
		p.push(one.Head, strings.Replace(one.Head, "change-", "customers/c", 1)+"/plan.yaml")
	}
}

func (p *people) open() []fakegithub.PullRequest {
	open, err := p.Hub.Pulls(repository)
	p.must(err)
	return open
}

// missing says what has not come to its end; empty for nothing.
func (p *people) missing() string {
	tip := p.tip("main")
	channel, err := os.ReadFile(filepath.Join(p.dir, "deployed", repository, ".tamer", "channels", "production.json"))
	if err != nil || !strings.Contains(string(channel), tip) {
		return "production is not " + tip
	}
	if !p.completed(tip, "tamer/deploy") {
		return "tamer/deploy on " + tip
	}
	for _, pull := range p.open() {
		for _, check := range []string{"tamer/validate", "tamer/approvals"} {
			if !p.completed(pull.HeadSHA, check) {
				return fmt.Sprintf("%s on #%d", check, pull.Number)
			}
		}
		if reports, answers := p.said(pull.Number); reports == 0 || answers < p.commands[pull.Number] {
			return fmt.Sprintf("#%d has %d reports, and %d of %d answers", pull.Number, reports, answers, p.commands[pull.Number])
		}
	}
	return ""
}

func (p *people) completed(sha, check string) bool {
	runs, err := p.Hub.CheckRuns(repository, sha)
	p.must(err)
	done := false
	for _, r := range runs {
		if r.Name == check {
			done = r.Status == "completed"
		}
	}
	return done
}

// said counts what tamer has written to a pull request.
func (p *people) said(number int) (reports, answers int) {
	all, err := p.Hub.Comments(repository, number)
	p.must(err)
	for _, c := range all {
		switch {
		case c.App == "":
		case strings.HasPrefix(c.Body, "<!-- tamer:report -->"):
			reports++
		default:
			answers++
		}
	}
	return reports, answers
}

// settle waits until everything has come to its end, and gives how long that took.
func (p *people) settle(patience time.Duration) time.Duration {
	p.t.Helper()
	began := time.Now()
	for missing := p.missing(); missing != ""; missing = p.missing() {
		if time.Since(began) > patience {
			p.t.Fatalf("waited %s in vain: %s\n%s", patience, missing, p.replicas[0].lastWords())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}

// checkTwice tells what is there twice.
func (p *people) checkTwice() {
	p.t.Helper()
	for n, commands := range p.commands {
		if reports, answers := p.said(n); reports != 1 || answers != commands {
			p.t.Errorf("#%d has %d reports, and %d answers to %d commands", n, reports, answers, commands)
		}
	}
	for _, sha := range p.commits {
		runs, err := p.Hub.CheckRuns(repository, sha)
		p.must(err)
		seen := map[string]bool{}
		for _, r := range runs {
			if id := r.Name + " for " + r.ExternalID; seen[id] {
				p.t.Errorf("%s has two runs of %s", sha, id)
			} else {
				seen[id] = true
			}
		}
	}
	deployments, err := p.Hub.Deployments(repository)
	p.must(err)
	seen := map[string]bool{}
	for _, d := range deployments {
		if to := d.SHA + " to " + d.Environment; seen[to] {
			p.t.Errorf("%s was deployed twice", to)
		} else {
			seen[to] = true
		}
	}
}
