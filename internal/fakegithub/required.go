package fakegithub

import (
	"fmt"
	"slices"
)

// A RequiredCheck is a check run that must be green on a pull request before it is merged.
type RequiredCheck struct {
	Name string
	App  int64 // the id of the app that must have made it; 0: any
	// Ruleset says that a ruleset requires it; else the protection of the branch does.
	Ruleset bool
}

// RequireChecks has the protection of a branch require the checks, whoever makes them, in place of those that were required so far.
func (s *Server) RequireChecks(repo, branch string, names ...string) error {
	checks := make([]RequiredCheck, len(names))
	for i, name := range names {
		checks[i].Name = name
	}
	return s.Require(repo, branch, checks...)
}

// Require says which checks a branch requires, in place of those that were required so far.
func (s *Server) Require(repo, branch string, checks ...RequiredCheck) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	r.required[branch] = checks
	return nil
}

// missingCheck says which required check keeps the pull request from being merged; empty where none does.
func (s *Server) missingCheck(p *pull) string {
	runs := p.repo.latestRuns(p.headSHA)
	for _, want := range p.repo.required[p.base] {
		of := func(r *checkRun) bool { return r.Name == want.Name && (want.App == 0 || r.app.id == want.App) }
		if !slices.ContainsFunc(runs, of) {
			return fmt.Sprintf("Required status check %q is expected.", want.Name)
		}
		for _, run := range runs { // two of one name are both required
			switch {
			case !of(run) || run.green():
			case run.Status != "completed":
				return fmt.Sprintf("Required status check %q is in progress.", want.Name)
			default:
				return fmt.Sprintf("Required status check %q is failing.", want.Name)
			}
		}
	}
	return ""
}

// requires tells whether a branch requires a check run to be green.
func (r *repo) requires(branch string, run *checkRun) bool {
	return slices.ContainsFunc(r.required[branch], func(c RequiredCheck) bool { return c.Name == run.Name && (c.App == 0 || c.App == run.app.id) })
}

// protectionView is what everybody who reads the branch learns of its protection; rulesets are no part of it.
func (r *repo) protectionView(branch string) (view object, enabled bool) {
	contexts, checks, level := []string{}, []object{}, "off"
	for _, c := range r.required[branch] {
		if !c.Ruleset {
			contexts, checks, level = append(contexts, c.Name), append(checks, object{"context": c.Name, "app_id": idOrNull(c.App)}), "non_admins"
		}
	}
	enabled = len(checks) > 0
	return object{"enabled": enabled, "required_status_checks": object{"enforcement_level": level, "contexts": contexts, "checks": checks}}, enabled
}

// listRules gives what rulesets say of a branch, whether it is there or not.
func listRules(s *Server, c *call) (any, error) {
	checks := []object{}
	for _, want := range c.repo.required[c.PathValue("branch")] {
		if !want.Ruleset {
			continue
		}
		check := object{"context": want.Name}
		if want.App != 0 {
			check["integration_id"] = want.App
		}
		checks = append(checks, check)
	}
	var rules []object
	if len(checks) > 0 {
		rules = append(rules, object{
			"type": "required_status_checks", "ruleset_id": c.repo.id, "ruleset_source": c.repo.fullName(), "ruleset_source_type": "Repository",
			"parameters": object{"strict_required_status_checks_policy": false, "do_not_enforce_on_create": false, "required_status_checks": checks},
		})
	}
	return views(page(s, c, rules), func(o object) object { return o }), nil
}
