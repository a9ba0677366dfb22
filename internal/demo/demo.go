package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// Options say how the story is played.
type Options struct {
	Once   bool      // play it to its end without a person, then stop
	Listen string    // loopback address of the stand-in's pages; default a free port
	Dir    string    // where everything is kept; default a directory that is removed at the end
	Out    io.Writer // the story, in words; required
}

// Run plays the story. The error names the step that did not do what it should.
func Run(ctx context.Context, opts Options) (err error) {
	dir := opts.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "tamer-demo-"); err != nil {
			return fmt.Errorf("make a directory for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if opts.Listen == "" {
		opts.Listen = "127.0.0.1:0"
	}
	w, err := newWorld(ctx, dir, opts.Listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(ctx)) }()
	s := &story{World: w, out: opts.Out, pulls: map[string]int{}}
	if err := s.begin(ctx); err != nil {
		return err
	}
	if !opts.Once {
		return s.stay(ctx)
	}
	return s.finish(ctx)
}

// A story is played in a world.
type story struct {
	*World
	out   io.Writer
	pulls map[string]int // number by change
}

// changes are the pull requests of the story, in order.
var changes = []struct{ name, branch, title, body, author string }{
	{"good", "win-back-earlier", "Acme: win lapsed shoppers back earlier", "The autumn numbers say that 60 days is too late.", anna},
	{"broken", "clearance", "Globex: clearance sale, Initech: keep less", "As agreed in the call on Monday.", anna},
	{"new-type", "loyalty", "A loyalty programme for Hooli", "A new type of configuration: points, and what they are good for.", ben},
}

// begin deploys the first commit and opens the pull requests, and waits for their verdicts.
func (s *story) begin(ctx context.Context) error {
	say(s.out, "A company keeps the configuration of its customers in %s/%s", s.Hub.URL(), Repository)
	if err := s.populate(); err != nil {
		return err
	}
	if err := s.deployed(ctx, "the first commit"); err != nil {
		return err
	}
	for _, c := range changes {
		if err := s.open(ctx, c.name, c.branch, fakegithub.Pull{Title: c.title, Body: c.body, Author: c.author}); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) open(ctx context.Context, name, branch string, pull fakegithub.Pull) error {
	if err := s.push(name, branch, pull.Author, pull.Title); err != nil {
		return err
	}
	pull.Head = branch
	n, err := s.Hub.OpenPull(Repository, pull)
	if err != nil {
		return err
	}
	s.pulls[name] = n
	say(s.out, "\n%s opens pull request #%d, %q", pull.Author, n, pull.Title)
	want := "success"
	if name == "broken" {
		want = "failure"
	}
	return s.judged(ctx, n, want)
}

func (s *story) push(change, branch, author, message string) error {
	files, removed, err := examples.Change(change)
	if err != nil {
		return err
	}
	_, err = s.Hub.Push(Repository, branch, fakegithub.Change{Files: files, Delete: removed, Message: message, Author: author})
	return err
}

// finish plays on without a person: mend, approve, merge, and see everything deployed.
func (s *story) finish(ctx context.Context) error {
	n := s.pulls["broken"]
	if _, err := s.Hub.Merge(Repository, n, "squash", anna); err == nil {
		return fmt.Errorf("pull request #%d was merged although its required check fails", n)
	}
	say(s.out, "\nanna tries to merge #%d: refused, as long as tamer/validate fails", n)
	if err := s.push("broken-fixed", "clearance", anna, "Mend what tamer found"); err != nil {
		return err
	}
	say(s.out, "anna mends it")
	if err := s.judged(ctx, n, "success"); err != nil {
		return err
	}
	for _, c := range changes {
		if err := s.merge(ctx, s.pulls[c.name], c.author); err != nil {
			return err
		}
	}
	say(s.out, "\nEvery step did what it should.")
	return nil
}

func (s *story) merge(ctx context.Context, n int, author string) error {
	reviewer := carla
	if _, err := s.Hub.Review(Repository, n, reviewer, "APPROVE", ""); err != nil {
		return err
	}
	if _, err := s.Hub.Merge(Repository, n, "squash", author); err != nil {
		return err
	}
	say(s.out, "\n%s approves #%d, %s merges it", reviewer, n, author)
	return s.deployed(ctx, fmt.Sprintf("#%d", n))
}

// stay keeps everything up for a person to click, until ctx ends, and tells what happens.
func (s *story) stay(ctx context.Context) error {
	say(s.out, "\nNow it is your turn. Open the pull requests in a browser; approve and merge there:")
	for _, c := range changes {
		say(s.out, "  %s/%s/pull/%d  %s", s.Hub.URL(), Repository, s.pulls[c.name], c.title)
	}
	say(s.out, "What is merged is deployed to %s", s.store)
	say(s.out, "What operators see of it is at %s", s.Server.AdminURL())
	say(s.out, "The server's log is %s", s.log.Name())
	say(s.out, "Press Ctrl-C to end the demo.")
	return s.watch(ctx)
}
