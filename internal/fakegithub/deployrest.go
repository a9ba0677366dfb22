package fakegithub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxStatusDescription counts characters. Source: docs.github.com, REST API, "Create a deployment status".
const maxStatusDescription = 140

var deploymentStates = []string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

type deploymentInput struct {
	Ref              string
	Task             string
	AutoMerge        *bool     `json:"auto_merge"`
	RequiredContexts *[]string `json:"required_contexts"`
	Payload          json.RawMessage
	Environment      string
	Description      *string
	Transient        bool  `json:"transient_environment"`
	Production       *bool `json:"production_environment"`
}

// createDeployment does what surprises people on GitHub too: left to its defaults it merges the default branch into
// the ref, and refuses a commit of which not every check is green.
func createDeployment(s *Server, c *call) (any, error) {
	var in deploymentInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Ref == "" {
		return nil, malformed(`"ref" wasn't supplied.`)
	}
	c.SetPathValue("ref", in.Ref)
	sha, err := commitByPath(s, c)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, "No ref found for: %s", in.Ref)
	}
	if in.AutoMerge == nil || *in.AutoMerge {
		if message, err := s.autoMerge(c, in.Ref); message != "" || err != nil {
			c.status = http.StatusAccepted
			return object{"message": message}, err
		}
	}
	if err := deployableContexts(c.repo, sha, in); err != nil {
		return nil, err
	}
	env := cmp.Or(in.Environment, "production")
	d := &deployment{payload: in.Payload, Deployment: Deployment{
		ID: s.id(), SHA: sha, Ref: in.Ref, Task: cmp.Or(in.Task, "deploy"), Environment: env, Transient: in.Transient,
		Production: env == "production", Creator: c.actor.user.Login, CreatedAt: s.now(),
	}}
	set(&d.Description, in.Description)
	set(&d.Production, in.Production)
	c.repo.deployments = append(c.repo.deployments, d)
	s.emit(c.repo, "deployment", "created", c.actor.user, object{"deployment": s.deploymentView(c.repo, d), "workflow": nil, "workflow_run": nil})
	c.status = http.StatusCreated
	return s.deploymentView(c.repo, d), nil
}

// autoMerge merges the default branch into the ref where the ref is a branch that lacks some of it.
func (s *Server) autoMerge(c *call, ref string) (string, error) {
	r := c.repo
	branch := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/"), "heads/")
	tip, main := r.tip(branch), r.tip(r.defaultBranch)
	if tip == "" || branch == r.defaultBranch || r.dir.isAncestor(main, tip) {
		return "", nil
	}
	tree, ok := r.dir.mergeTree(tip, main)
	if !ok {
		return "", refuse(http.StatusConflict, "Conflict merging %s into %s.", r.defaultBranch, branch)
	}
	by := c.actor.user
	sha, err := r.dir.commitTree(tree, "Merge branch '"+r.defaultBranch+"' into "+branch, by.person(), by.person(), s.now(), tip, main)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Auto-merged %s into %s on deployment.", r.defaultBranch, branch), s.moveRef(r, "refs/heads/"+branch, sha, by)
}

// deployableContexts refuses where a wanted check is not green; with none named, every check is wanted.
func deployableContexts(r *repo, sha string, in deploymentInput) error {
	runs := r.latestRuns(sha)
	green := func(name string) bool {
		return slices.ContainsFunc(runs, func(run *checkRun) bool { return run.Name == name && run.green() })
	}
	var wanted []string
	if in.RequiredContexts != nil {
		wanted = *in.RequiredContexts
	} else {
		for _, run := range runs {
			wanted = append(wanted, run.Name)
		}
	}
	for _, name := range wanted {
		if !green(name) {
			no := refuse(http.StatusConflict, "Conflict: Commit status checks failed for %s.", in.Ref)
			no.errors = []any{object{"resource": "Deployment", "field": "required_contexts", "code": "invalid", "contexts": wanted}}
			return no
		}
	}
	return nil
}

// listDeployments gives the newest first.
func listDeployments(s *Server, c *call) (any, error) {
	q := c.URL.Query()
	is := func(name, value string) bool {
		want := q.Get(name)
		return want == "" || want == "none" || want == value
	}
	var found []*deployment
	for _, d := range c.repo.deployments {
		if is("sha", d.SHA) && is("ref", d.Ref) && is("task", d.Task) && is("environment", d.Environment) {
			found = append(found, d)
		}
	}
	slices.Reverse(found)
	return views(page(s, c, found), func(d *deployment) object { return s.deploymentView(c.repo, d) }), nil
}

func deploymentByPath(c *call) (*deployment, error) {
	id := pathID(c, "deployment_id")
	for _, d := range c.repo.deployments {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, notFound
}

func getDeployment(s *Server, c *call) (any, error) {
	d, err := deploymentByPath(c)
	if err != nil {
		return nil, err
	}
	return s.deploymentView(c.repo, d), nil
}

// listDeploymentStatuses gives the newest first.
func listDeploymentStatuses(s *Server, c *call) (any, error) {
	d, err := deploymentByPath(c)
	if err != nil {
		return nil, err
	}
	statuses := slices.Clone(d.Statuses)
	slices.Reverse(statuses)
	return views(page(s, c, statuses), func(st DeploymentStatus) object { return s.statusView(c.repo, d, st) }), nil
}

// webAddress tells whether GitHub takes a text for an address to link to; an empty one is none. Observed: "environment_url must use http(s) scheme".
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func createDeploymentStatus(s *Server, c *call) (any, error) {
	d, err := deploymentByPath(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		State          string
		Description    string
		Environment    string
		EnvironmentURL string `json:"environment_url"`
		LogURL         string `json:"log_url"`
		TargetURL      string `json:"target_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if !slices.Contains(deploymentStates, in.State) {
		return nil, malformed("%q is not a member of [%s] (field \"state\").", in.State, strings.Join(deploymentStates, ", "))
	}
	if n := utf8.RuneCountInString(in.Description); n > maxStatusDescription {
		return nil, invalid("DeploymentStatus", "description", "custom", "description is too long (maximum is %d characters)", maxStatusDescription)
	}
	for field, address := range map[string]string{"environment_url": in.EnvironmentURL, "log_url": in.LogURL, "target_url": in.TargetURL} {
		if !webAddress(address) {
			return nil, invalid("DeploymentStatus", field, "custom", "%s must use http(s) scheme", field)
		}
	}
	if in.Environment != "" {
		d.Environment = in.Environment
	}
	status := s.addStatus(c.repo, d, DeploymentStatus{
		State: in.State, Description: in.Description, EnvironmentURL: in.EnvironmentURL, LogURL: cmp.Or(in.LogURL, in.TargetURL),
	}, in.AutoInactive == nil || *in.AutoInactive, c.actor.user)
	c.status = http.StatusCreated
	return s.statusView(c.repo, d, status), nil
}
