package fakegithub

import (
	"encoding/json"
	"slices"
	"time"
)

// A Deployment is GitHub's record that a commit goes to an environment.
type Deployment struct {
	ID          int64
	SHA         string
	Ref         string // as it was named
	Task        string
	Environment string
	Description string
	Creator     string
	Transient   bool
	Production  bool
	CreatedAt   time.Time
	Statuses    []DeploymentStatus // oldest first
}

// A DeploymentStatus is what became of a deployment at one time.
type DeploymentStatus struct {
	ID             int64
	State          string
	Description    string
	EnvironmentURL string
	LogURL         string
	Creator        string
	CreatedAt      time.Time
}

// State is that of the newest status; empty before the first.
func (d Deployment) State() string {
	if len(d.Statuses) == 0 {
		return ""
	}
	return d.Statuses[len(d.Statuses)-1].State
}

type deployment struct {
	Deployment
	payload json.RawMessage
}

// Deployments gives all deployments of a repository, oldest first.
func (s *Server) Deployments(repo string) ([]Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return nil, err
	}
	var out []Deployment
	for _, d := range r.deployments {
		c := d.Deployment
		c.Statuses = slices.Clone(d.Statuses)
		out = append(out, c)
	}
	return out, nil
}

// addStatus adds a status, and where it is a success makes the environment's former ones inactive, which GitHub does
// silently and only where they are neither transient nor production.
func (s *Server) addStatus(r *repo, d *deployment, status DeploymentStatus, autoInactive bool, by *User) DeploymentStatus {
	status.ID, status.CreatedAt, status.Creator = s.id(), s.now(), by.Login
	d.Statuses = append(d.Statuses, status)
	s.emit(r, "deployment_status", "created", by, object{
		"deployment": s.deploymentView(r, d), "deployment_status": s.statusView(r, d, status), "check_run": nil, "workflow": nil, "workflow_run": nil,
	})
	if status.State != "success" || !autoInactive {
		return status
	}
	for _, other := range r.deployments {
		if other != d && other.Environment == d.Environment && !other.Transient && !other.Production && other.State() == "success" {
			other.Statuses = append(other.Statuses, DeploymentStatus{ID: s.id(), State: "inactive", Creator: by.Login, CreatedAt: s.now()})
		}
	}
	return status
}

func (s *Server) deploymentView(r *repo, d *deployment) object {
	self := s.repoAPI(r, "/deployments/%d", d.ID)
	updated := d.CreatedAt
	if n := len(d.Statuses); n > 0 {
		updated = d.Statuses[n-1].CreatedAt
	}
	payload := any(object{})
	if d.payload != nil {
		payload = d.payload
	}
	return object{
		"id": d.ID, "node_id": nodeID("Deployment", d.ID), "url": self, "sha": d.SHA, "ref": d.Ref, "task": d.Task, "payload": payload,
		"original_environment": d.Environment, "environment": d.Environment, "description": orNull(d.Description),
		"creator": s.userView(s.user(d.Creator)), "created_at": stamp(d.CreatedAt), "updated_at": stamp(updated),
		"statuses_url": self + "/statuses", "repository_url": s.repoAPI(r, ""),
		"transient_environment": d.Transient, "production_environment": d.Production,
	}
}

func (s *Server) statusView(r *repo, d *deployment, st DeploymentStatus) object {
	self := s.repoAPI(r, "/deployments/%d", d.ID)
	return object{
		"id": st.ID, "node_id": nodeID("DeploymentStatus", st.ID), "url": self + "/statuses/" + itoa(st.ID), "state": st.State,
		"creator": s.userView(s.user(st.Creator)), "description": st.Description, "environment": d.Environment, "target_url": st.LogURL,
		"created_at": stamp(st.CreatedAt), "updated_at": stamp(st.CreatedAt), "deployment_url": self, "repository_url": s.repoAPI(r, ""),
		"environment_url": st.EnvironmentURL, "log_url": st.LogURL,
	}
}
