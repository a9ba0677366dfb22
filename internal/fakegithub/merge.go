package fakegithub

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
)

// Merge merges a pull request by a method, merge or squash (the default), and gives the merge commit.
func (s *Server) Merge(repo string, number int, method, login string) (string, error) {
	var sha string
	err := s.onPull(repo, number, func(p *pull) error {
		var err error
		sha, err = s.merge(p, cmp.Or(method, "squash"), "", "", s.user(cmp.Or(login, p.repo.owner.Login)))
		var no *refusal
		if errors.As(err, &no) {
			return fmt.Errorf("merge pull request %d: %s", number, no.message)
		}
		return err
	})
	return sha, err
}

// merge refuses what GitHub refuses, with the same status.
func (s *Server) merge(p *pull, method, title, message string, by *User) (string, error) {
	no := func(format string, args ...any) (string, error) {
		return "", refuse(http.StatusMethodNotAllowed, format, args...)
	}
	switch {
	case p.state != "open" || p.repo.tip(p.base) == "":
		return no("Pull Request is not mergeable")
	case p.draft:
		return no("Pull Request is still a draft")
	case method == "rebase":
		return no("Rebase merges are not allowed on this repository.")
	case method != "merge" && method != "squash":
		return "", malformed("%s is not a member of [\"merge\", \"squash\", \"rebase\"].", method)
	}
	tree, ok := p.tryMerge()
	if !ok {
		return no("Pull Request is not mergeable")
	}
	if missing := s.missingCheck(p); missing != "" {
		return no("%s", missing)
	}
	base := p.repo.tip(p.base)
	parents, author := []string{base}, p.author
	if method == "merge" {
		parents, author = append(parents, p.headSHA), by
		title = cmp.Or(title, fmt.Sprintf("Merge pull request #%d from %s/%s", p.number, p.headRepo.owner.Login, p.head))
		message = cmp.Or(message, p.title)
	}
	title = cmp.Or(title, fmt.Sprintf("%s (#%d)", p.title, p.number))
	if message != "" {
		title += "\n\n" + message
	}
	sha, err := p.repo.dir.commitTree(tree, title, author.person(), person{"GitHub", webFlowEmail}, s.now(), parents...)
	if err != nil {
		return "", err
	}
	// First the pull request, so that the push does not find it open.
	p.mergeSHA = sha
	s.setMerged(p, base, by)
	if err := s.moveRef(p.repo, "refs/heads/"+p.base, sha, by); err != nil {
		return "", err
	}
	s.emitPull(p, "closed", by, nil)
	return sha, nil
}

func (s *Server) setMerged(p *pull, base string, by *User) {
	p.state, p.merged, p.mergedBase, p.mergedBy = "closed", true, base, by
	p.mergedAt, p.closed, p.updated = s.now(), s.now(), s.now()
}

// finishMerge marks a pull request that a push has merged.
func (s *Server) finishMerge(p *pull, base, after string, by *User) {
	p.mergeSHA = after
	s.setMerged(p, base, by)
	s.emitPull(p, "closed", by, nil)
}

func mergePull(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		Title   string `json:"commit_title"`
		Message string `json:"commit_message"`
		SHA     string
		Method  string `json:"merge_method"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.SHA != "" && in.SHA != p.headSHA {
		return nil, refuse(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	sha, err := s.merge(p, cmp.Or(in.Method, "merge"), in.Title, in.Message, c.actor.user)
	if err != nil {
		return nil, err
	}
	return object{"sha": sha, "merged": true, "message": "Pull Request successfully merged"}, nil
}
