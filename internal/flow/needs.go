package flow

import (
	"context"
	"io/fs"
	"iter"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// All that flows need from outside. Errors wrap fs.ErrNotExist where GitHub or git says that the thing is not there,
// and carry work.Permanent or work.After where trying again is useless or must wait.

// PullRequests reads pull requests.
type PullRequests interface {
	PullRequest(ctx context.Context, repo forge.Repo, number int) (forge.PullRequest, error)
	// OpenPullRequests gives all of them, over all pages.
	OpenPullRequests(ctx context.Context, repo forge.Repo) ([]forge.PullRequest, error)
	// PullRequestsWith gives those that hold the commit, open or not, at most 100.
	PullRequestsWith(ctx context.Context, repo forge.Repo, commit forge.Commit) ([]forge.PullRequest, error)
}

// Checks reads and writes check runs. Runs made by other apps are never seen.
type Checks interface {
	// CheckRun gives the newest run of that name that this app made on the commit; nil where there is none.
	// Its annotations and texts are not filled in.
	CheckRun(ctx context.Context, repo forge.Repo, head forge.Commit, name string) (*forge.CheckRun, error)
	// CreateCheckRun creates the run with everything that it holds, and gives its id.
	CreateCheckRun(ctx context.Context, repo forge.Repo, run forge.CheckRun) (int64, error)
	// UpdateCheckRun replaces status, conclusion, external id and texts of the run with run.ID, and appends the
	// annotations, at most forge.MaxAnnotations.
	UpdateCheckRun(ctx context.Context, repo forge.Repo, run forge.CheckRun) error
}

// Comments reads comments on pull requests, and writes this app's own.
type Comments interface {
	// OwnComment gives the oldest one whose text begins with the marker; nil where there is none.
	OwnComment(ctx context.Context, repo forge.Repo, number int, marker string) (*forge.Comment, error)
	// Conversation gives those comments, whoever wrote them, whose text begins with one of the beginnings but for blanks, the oldest
	// first.
	Conversation(ctx context.Context, repo forge.Repo, number int, beginnings ...string) ([]forge.Comment, error)
	CreateComment(ctx context.Context, repo forge.Repo, number int, body string) error
	UpdateComment(ctx context.Context, repo forge.Repo, id int64, body string) error
}

// Commands reads what people ask tamer for, and whether they may.
type Commands interface {
	Comment(ctx context.Context, repo forge.Repo, id int64) (forge.Comment, error)
	// React shows under a comment that it was seen. Doing it again changes nothing.
	React(ctx context.Context, repo forge.Repo, id int64) error
	// MayWrite tells whether the person may push to the repository now.
	MayWrite(ctx context.Context, repo forge.Repo, who forge.User) (bool, error)
}

// Reviews reads who made a pull request, and what was said about it. Who is asked to review stands in forge.PullRequest.
type Reviews interface {
	// Reviews gives those that were submitted, the oldest first, over all pages.
	Reviews(ctx context.Context, repo forge.Repo, number int) ([]forge.Review, error)
	// Retargeted tells when the pull request got another base last; the zero time where it never has.
	Retargeted(ctx context.Context, repo forge.Repo, number int) (time.Time, error)
	// Authorships tells whose the commits of the pull request are. Where GitHub does not list all of them, the last one says so
	// as Unknown.
	Authorships(ctx context.Context, repo forge.Repo, number int) ([]forge.Authorship, error)
	// Pushes gives the pushes to the branch of a pull request, the newest first, as far as GitHub tells of them: maybe none.
	Pushes(ctx context.Context, repo forge.Repo, pull forge.PullRequest) iter.Seq2[forge.Push, error]
	// RequestReviews asks people to review. Who was asked before is asked once more: they are told again.
	RequestReviews(ctx context.Context, repo forge.Repo, number int, logins []string) error
}

// People tells who people are to a repository. Whether somebody may write tells Commands.MayWrite.
type People interface {
	// TeamMembers gives the members of "organization/team", or of a team of the repository's owner, with those of its child
	// teams. The error wraps fs.ErrNotExist where there is no such team, or the app may not see it.
	TeamMembers(ctx context.Context, repo forge.Repo, team string) ([]forge.User, error)
	// CommitAuthor gives the account of a commit's author; without an id where GitHub knows none. It rests on an e-mail address, which
	// can be forged: it shows who says to have made a commit, and allows nothing.
	CommitAuthor(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.User, error)
	// Admins gives the people who administer the repository.
	Admins(ctx context.Context, repo forge.Repo) ([]forge.User, error)
	// MergedSince gives the pull requests that were merged into the base since then, of the 10,000 closed ones that were
	// changed last. It takes a call for 100 of those that were changed since.
	MergedSince(ctx context.Context, repo forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error)
}

// Commits writes to branches.
type Commits interface {
	// Commit makes the commit and moves the branch to it; false where the branch has moved from the commit's parent meanwhile.
	Commit(ctx context.Context, repo forge.Repo, branch string, c forge.NewCommit) (bool, error)
}

// Deployments reads and writes deployments.
type Deployments interface {
	// Deployment gives the newest deployment of the commit to the environment, with its newest state; nil where there is none.
	Deployment(ctx context.Context, repo forge.Repo, at forge.Commit, environment string) (*forge.Deployment, error)
	// CreateDeployment creates it whatever other checks say, and gives its id. d.State is ignored.
	CreateDeployment(ctx context.Context, repo forge.Repo, d forge.Deployment) (int64, error)
	// SetDeploymentState adds the status d.State, with d.Description and the addresses, to the deployment d.ID.
	SetDeploymentState(ctx context.Context, repo forge.Repo, d forge.Deployment) error
}

// Installations tells where the app is installed.
type Installations interface {
	// Installations gives the ids of all that are not suspended.
	Installations(ctx context.Context) ([]int64, error)
	Repositories(ctx context.Context, installation int64) ([]forge.Repo, error)
}

// Remotes asks the repository's remote, and brings commits from there.
type Remotes interface {
	Heads(ctx context.Context, repo forge.Repo) (forge.Heads, error)
	// Fetch makes the commits and their history readable, asking the remote for those that are not yet.
	Fetch(ctx context.Context, repo forge.Repo, commits ...forge.Commit) error
}

// Trees reads what has been fetched; it asks no remote.
type Trees interface {
	// Snapshot gives the files of a tree. Files that are no regular files (links, submodules) have that mode, and
	// reading them is an error. The fs.FS lives until ctx ends.
	Snapshot(ctx context.Context, repo forge.Repo, at forge.Tree) (fs.FS, error)
	// Changes gives the paths that differ, sorted.
	Changes(ctx context.Context, repo forge.Repo, from, to forge.Tree) ([]forge.Change, error)
}

// History reasons about commits that have been fetched; it asks no remote.
type History interface {
	// Merge gives what merging head into base would give.
	Merge(ctx context.Context, repo forge.Repo, base, head forge.Commit) (forge.Merge, error)
	// CommitInfo tells when a commit was made, and after which.
	CommitInfo(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.CommitInfo, error)
	// IsAncestor tells whether old is to, or an ancestor of it.
	IsAncestor(ctx context.Context, repo forge.Repo, old, to forge.Commit) (bool, error)
	// Holds is IsAncestor for an old commit that need not have been fetched: it is held by nothing then.
	Holds(ctx context.Context, repo forge.Repo, to, old forge.Commit) (bool, error)
	// MergeBases gives the best common ancestors of two commits; the error wraps fs.ErrNotExist where they have none.
	MergeBases(ctx context.Context, repo forge.Repo, a, b forge.Commit) ([]forge.Commit, error)
	// Paths gives for each commit the paths in which it differs from its first parent. Commits that are not there are left out.
	Paths(ctx context.Context, repo forge.Repo, commits []forge.Commit) (map[forge.Commit][]string, error)
}

// Watch is told what happens. It must not wait.
type Watch interface {
	// Finding tells of one finding of a verdict that is shown.
	Finding(rule, level string)
	// Deployed tells that a sink has come to serve a commit of that age.
	Deployed(sink string, lag time.Duration)
}

// Memory is what the database knows. All of it may be lost.
type Memory interface {
	// Repo gives the repository with its present names.
	Repo(ctx context.Context, installation, id int64) (forge.Repo, error)
	SaveRepos(ctx context.Context, repos ...forge.Repo) error
	// States gives the last state of every key of the repository that was dealt with.
	States(ctx context.Context, repo forge.Repo) (map[work.Key]work.State, error)
	// MoveState replaces the state of a key, if it is still the one that was seen.
	MoveState(ctx context.Context, k work.Key, seen, now work.State) error
}

// Notes keeps one text of each name for a repository. Any of them may be lost.
type Notes interface {
	// Recall gives nil where there is none.
	Recall(ctx context.Context, repo forge.Repo, name string) ([]byte, error)
	Remember(ctx context.Context, repo forge.Repo, name string, text []byte) error
}

// Queue takes work.
type Queue interface {
	Add(ctx context.Context, wanted ...work.Wanted) error
}

// Sinks tells where a repository is deployed to.
type Sinks interface {
	// Sinks gives all sinks of the repository, sorted by name. It opens none of them.
	Sinks(ctx context.Context, repo forge.Repo) ([]NamedSink, error)
}

// A NamedSink is one of several, by the name that the operator gave it.
type NamedSink struct {
	Name string
	// Open gives the sink. It lives as long as what opened it; the error is worth another try.
	Open func(ctx context.Context) (sink.Sink, error)
}

// LiveData answers what configs ask of live data.
type LiveData interface {
	// Ask answers the queries, in their order. With fresh, no answer is taken from a cache but of the last seconds. That a source
	// does not answer is no error, but a Fault.
	Ask(ctx context.Context, repo forge.Repo, queries []outside.Query, fresh bool) ([]outside.Answer, error)
}

// External has the operator's own programs judge configs.
type External interface {
	// For gives the checks of the repository, sorted by name.
	For(repo forge.Repo) []outside.Check
	// Post posts a body to one of them, and has read take its answer, whose error makes it unusable. That a check does not
	// answer is no error, but a Fault.
	Post(ctx context.Context, check string, body []byte, read func(answer []byte) error) (outside.Fault, error)
}
