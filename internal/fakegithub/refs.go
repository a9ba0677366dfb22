package fakegithub

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const zeros = "0000000000000000000000000000000000000000"

// moveRef moves a branch or tag, and lets everything that follows from it happen. An empty commit deletes the ref.
func (s *Server) moveRef(r *repo, ref, sha string, by *User) error {
	if r.heads[ref] == sha {
		return nil
	}
	if err := r.dir.setRef(ref, sha); err != nil {
		return err
	}
	return s.refMoved(r, ref, sha, by)
}

// refMoved is told of a ref that git has moved already: it sends the webhooks and brings the pull requests up to date.
func (s *Server) refMoved(r *repo, ref, after string, by *User) error {
	before := r.heads[ref]
	if after == "" {
		delete(r.heads, ref)
	} else {
		r.heads[ref] = after
	}
	r.pushed = s.now()
	branch, isBranch := strings.CutPrefix(ref, "refs/heads/")
	if isBranch && r.tip(r.defaultBranch) == "" && after != "" {
		r.defaultBranch = branch // the first branch of an empty repository
		if _, err := r.dir.run("symbolic-ref", "HEAD", ref); err != nil {
			return fmt.Errorf("set default branch: %w", err)
		}
	}
	s.emitPush(r, ref, before, after, by)
	if !isBranch {
		return nil
	}
	s.noteActivity(r, ref, before, after, by)
	if after == "" {
		s.closeForBranch(r, branch, by)
		return nil
	}
	s.requestSuite(r, branch, before, after, by)
	if err := s.followHeads(r, branch, before, by); err != nil {
		return err
	}
	s.mergedByPush(r, branch, before, after, by)
	return nil
}

// refsPushed compares what git has with what is known, after a push over HTTP.
func (s *Server) refsPushed(r *repo, by *User) error {
	refs, err := r.dir.refs()
	if err != nil {
		return err
	}
	known := maps.Clone(r.heads)
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		if refs[ref] != known[ref] {
			if err := s.refMoved(r, ref, refs[ref], by); err != nil {
				return err
			}
		}
		delete(known, ref)
	}
	for _, ref := range slices.Sorted(maps.Keys(known)) {
		if err := s.refMoved(r, ref, "", by); err != nil {
			return err
		}
	}
	return nil
}

// followHeads brings the open pull requests whose head is the branch to its tip.
func (s *Server) followHeads(r *repo, branch, before string, by *User) error {
	for _, base := range s.sortedRepos() {
		for _, p := range base.pulls {
			if p.state != "open" || p.headRepo != r || p.head != branch || p.headSHA == r.tip(branch) {
				continue
			}
			if err := s.setPullHead(p, r.tip(branch)); err != nil {
				return err
			}
			p.baseSHA, p.updated = base.tip(p.base), s.now()
			s.emitPull(p, "synchronize", by, object{"before": before, "after": p.headSHA})
		}
	}
	return nil
}

// pullRef is what a pull request's head is called in the base repository.
func pullRef(number int) string { return fmt.Sprintf("refs/pull/%d/head", number) }

// setPullHead fetches the head into the base repository as refs/pull/N/head.
func (s *Server) setPullHead(p *pull, sha string) error {
	ref := pullRef(p.number)
	if p.headRepo != p.repo {
		if _, err := p.repo.dir.run("fetch", "--quiet", "--no-tags", string(p.headRepo.dir), "+"+sha+":"+ref); err != nil {
			return fmt.Errorf("fetch head of pull request %d: %w", p.number, err)
		}
	} else if err := p.repo.dir.setRef(ref, sha); err != nil {
		return err
	}
	p.headSHA = sha
	return nil
}

// mergedByPush marks the open pull requests whose head a push has brought into their base.
func (s *Server) mergedByPush(r *repo, branch, before, after string, by *User) {
	if before == "" || !slices.ContainsFunc(r.pulls, func(p *pull) bool { return p.state == "open" && p.base == branch }) {
		return
	}
	out, err := r.dir.run("rev-list", before+".."+after)
	if err != nil {
		return
	}
	arrived := strings.Fields(out)
	for _, p := range r.pulls {
		if p.state == "open" && p.base == branch && slices.Contains(arrived, p.headSHA) {
			s.finishMerge(p, before, after, by)
		}
	}
}

// closeForBranch does what the deletion of a branch does to pull requests.
func (s *Server) closeForBranch(r *repo, branch string, by *User) {
	var onto string // where pull requests based on the branch go
	for _, p := range r.pulls {
		if p.merged && p.headRepo == r && p.head == branch {
			onto = p.base
		}
	}
	for _, base := range s.sortedRepos() {
		for _, p := range base.pulls {
			switch {
			case p.state != "open":
			case p.headRepo == r && p.head == branch:
				s.closePull(p, by)
			case base == r && p.base == branch && r.tip(onto) != "":
				s.retarget(p, onto, baseMoved, by)
			case base == r && p.base == branch:
				s.closePull(p, by)
			}
		}
	}
}
