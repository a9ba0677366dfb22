package app

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// defaultSink is the name of the one sink that TAMER_SINK sets.
const defaultSink = "default"

// A Sink is one store that repositories are deployed to.
type Sink struct {
	Address      string   // may hold {owner} and {repo}; see At
	Secret       string   // a password, or what signs posts
	Repositories []string // OWNER/NAME or OWNER/*; nil for all
}

type sinkInFile struct {
	URL          string
	SecretFile   string `json:"secret_file"`
	Repositories []string
}

// placeholder is whatever somebody may mean as one.
var placeholder = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

// repositoryName is what GitHub allows, which nothing takes apart in an address.
var repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// At gives the address of the repository's store. It refuses names that would lead to another one.
func (s Sink) At(repo forge.Repo) (string, error) {
	for _, name := range []string{repo.Owner, repo.Name} {
		if name == "." || name == ".." || !repositoryName.MatchString(name) {
			return "", fmt.Errorf("sink of %q: %q cannot stand in an address", repo, name)
		}
	}
	return strings.NewReplacer("{owner}", repo.Owner, "{repo}", repo.Name).Replace(s.Address), nil
}

// check says what is wrong with the address, and shows no secret.
func (s Sink) check() error {
	for _, p := range placeholder.FindAllString(s.Address, -1) {
		if p != "{owner}" && p != "{repo}" {
			return errors.New(strconv.Quote(p) + " stands for nothing; write {owner} or {repo}")
		}
	}
	at, err := s.At(forge.Repo{Owner: "owner", Name: "repo"})
	if err != nil {
		return err
	}
	_, err = sinkOpener(at, s.Secret)
	return err
}

// setSink sets the one sink; its secret was set before.
func setSink(c *Config, text string) error {
	for _, s := range c.Sinks {
		if s.Address != "" {
			return errors.New("the settings file has sinks too; move this one there, and unset TAMER_SINK")
		}
	}
	s := Sink{Address: text, Secret: c.Sinks[defaultSink].Secret}
	c.Sinks = map[string]Sink{defaultSink: s}
	return s.check()
}

func setSinkSecret(c *Config, text string) error {
	if len(c.Sinks) > 0 {
		return errors.New("the settings file has sinks; name a file there as secret_file, and unset TAMER_SINK_SECRET")
	}
	c.Sinks = map[string]Sink{defaultSink: {Secret: text}}
	return nil
}

// sinks reads the sinks of the settings file.
func (r *outsideReader) sinks(file map[string]sinkInFile) map[string]Sink {
	if len(file) == 0 {
		return nil
	}
	all, names := map[string]Sink{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		at, f := []string{"sinks", name}, file[name]
		s := Sink{Address: f.URL, Secret: r.secret(at, "secret_file", f.SecretFile), Repositories: f.Repositories}
		read := fmt.Sprintf("(set, %d bytes)", len(f.URL))
		if err := s.check(); err != nil {
			r.wrong(append(at, "url"), read, err.Error())
		} else if other, twice := names[f.URL]; twice {
			r.wrong(append(at, "url"), read, "this is the address of the sink "+other+" too; remove one of them")
		}
		all[name], names[f.URL] = s, name
	}
	return all
}
