package mirror

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/trace"
)

// A git runs git commands at one place, in one environment. It is a value: with and showing give changed copies.
type git struct {
	bin     string
	dir     string   // the working directory
	env     []string // the whole environment
	flags   []string // stand before every command
	secrets []string // never shown in errors
}

// mirrorSettings hold for every command on a mirror, whatever its own file of settings says.
var mirrorSettings = []string{
	"core.hooksPath=" + os.DevNull,
	"core.fsync=committed,-loose-object,reference", // loose objects are merges, made again at will
	"fetch.unpackLimit=1",                          // what is fetched stays one pack, which is there as a whole or not at all
	"fetch.recurseSubmodules=false",
	"gc.auto=0",
	"http.followRedirects=false",
	"http.lowSpeedLimit=1000", // bytes a second, for
	"http.lowSpeedTime=60",    // seconds: then the remote counts as stuck
	"maintenance.auto=false",
	"transfer.credentialsInUrl=die",
}

// cleanEnvironment is the environment of git on a mirror: nothing of the person or machine but how to reach the network.
func cleanEnvironment(dir string) []string {
	env := []string{
		"HOME=" + filepath.Join(dir, "no-home"),
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_DIR=" + filepath.Join(dir, "no-repository"), // never one found further up
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ASKPASS=",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_REPLACE_OBJECTS=1",
		"LC_ALL=C",
	}
	for _, name := range []string{
		"PATH", "TMPDIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO",
	} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// with is g with further settings, each key=value.
func (g git) with(settings ...string) git {
	g.flags = slices.Clone(g.flags)
	for _, s := range settings {
		g.flags = append(g.flags, "-c", s)
	}
	return g
}

// in is g with further variables; later ones win.
func (g git) in(variables ...string) git {
	g.env = slices.Concat(g.env, variables)
	return g
}

// showing is g that shows the token to the remote at url. It travels in the environment: other users of the machine can
// read a command line.
func (g git) showing(token, url string) git {
	if token == "" {
		return g
	}
	basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
	g.secrets = []string{token, basic}
	return g.in("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http."+url+".extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+basic)
}

// run gives what the command writes, also where it fails. The error is a *gitError where git ran and did not like
// something, and the cause of ctx where that has ended.
func (g git) run(ctx context.Context, input string, args ...string) ([]byte, error) {
	out, _, err := g.runAndListen(ctx, input, args...)
	return out, err
}

// runAndListen is run that also gives what git said to standard error.
func (g git) runAndListen(ctx context.Context, input string, args ...string) ([]byte, string, error) {
	cmd := exec.CommandContext(ctx, g.bin, slices.Concat(g.flags, args)...)
	out, said := &listing{}, &tail{}
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = g.dir, g.env, strings.NewReader(input), out, said
	ownGroup(cmd)
	_, end := trace.Begin(ctx, trace.Git, "command", args[0])
	err := cmd.Run()
	end(err)
	if ctx.Err() != nil {
		endGroup(cmd)
		return nil, "", fmt.Errorf("git %s: %w", args[0], context.Cause(ctx))
	}
	if out.full {
		return nil, "", fmt.Errorf("git %s: %w", args[0], errTooMuch)
	}
	text := g.redact(said.String())
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return out.buf.Bytes(), text, &gitError{verb: args[0], code: exit.ExitCode(), text: text}
	}
	if err != nil {
		return nil, text, fmt.Errorf("run git %s: %w", args[0], err)
	}
	return out.buf.Bytes(), text, nil
}

func (g git) redact(text string) string {
	for _, s := range g.secrets {
		text = strings.ReplaceAll(text, s, "[token]")
	}
	return text
}

// A gitError is git saying no.
type gitError struct {
	verb string // such as fetch
	code int    // how it exited
	text string // what it wrote to standard error
}

func (e *gitError) Error() string {
	text := strings.Join(strings.Fields(e.text), " ")
	if text == "" {
		text = fmt.Sprintf("exit code %d", e.code)
	}
	return "git " + e.verb + ": " + text
}

// says tells whether err is git saying one of the texts.
func says(err error, texts ...string) bool {
	var e *gitError
	return errors.As(err, &e) && slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(e.text, t) })
}

// matches tells whether err is git saying what the pattern is for.
func matches(err error, pattern *regexp.Regexp) bool {
	var e *gitError
	return errors.As(err, &e) && pattern.MatchString(e.text)
}

// exitCode is how git exited; -1 where it did not run, or was killed.
func exitCode(err error) int {
	if e := (*gitError)(nil); errors.As(err, &e) {
		return e.code
	}
	return -1
}

// A tail keeps the last bytes written to it: git may complain about every one of a million objects.
type tail struct{ buf []byte }

const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailSize; over > 0 {
		t.buf = slices.Delete(t.buf, 0, over)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.buf) }

// oldestGit is the first version with merge-tree --write-tree.
var oldestGit = [2]int{2, 38}

// findGit gives the path of the command, if it is new enough.
func findGit(name string, env []string) (string, error) {
	bin, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("find git: %w; install git %d.%d or newer", err, oldestGit[0], oldestGit[1])
	}
	cmd := exec.Command(bin, "version")
	cmd.Env = env
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s version: %w", bin, err)
	}
	var v [2]int
	if _, err := fmt.Sscanf(string(out), "git version %d.%d", &v[0], &v[1]); err != nil {
		return "", fmt.Errorf("%s says it is %q: expected a version of git", bin, out)
	}
	if slices.Compare(v[:], oldestGit[:]) < 0 {
		return "", fmt.Errorf("%s is version %d.%d: install %d.%d or newer", bin, v[0], v[1], oldestGit[0], oldestGit[1])
	}
	return bin, nil
}
