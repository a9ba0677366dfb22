// Package forge holds the words for what GitHub and git hold: plain values, no client.
package forge

import (
	"fmt"
	"strings"
	"time"
)

// A Commit is a full lower-case hex object name (SHA-1 or SHA-256). It never holds a branch or an abbreviation.
type Commit string

// ParseCommit accepts a full object name of 40 or 64 lower-case hex digits.
func ParseCommit(s string) (Commit, error) {
	if len(s) != 40 && len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", fmt.Errorf("%q is not a full commit name (40 or 64 lower-case hex digits)", s)
	}
	return Commit(s), nil
}

// A CommitInfo is what a commit says of itself that decides something. Who made it is asked of GitHub: anybody may write any name there.
type CommitInfo struct {
	Parents   []Commit
	Committed time.Time
}

// Short is the commit as people write it: seven digits.
func (c Commit) Short() string { return string(c[:min(7, len(c))]) }

// IsZero tells whether c is empty or all zeros, which is how a push says "no commit".
func (c Commit) IsZero() bool { return strings.Trim(string(c), "0") == "" }

// Tree names the commit's tree.
func (c Commit) Tree() Tree { return Tree(c) }

// A Tree names one tree of files: the full object name of a tree, or of a commit, which stands for its tree.
type Tree string

// Heads are the branches of a repository as its remote shows them now.
type Heads struct {
	Default string            // the default branch; empty for an empty repository
	Tips    map[string]Commit // by branch, without refs/heads/
}

// MergeQueuePrefix starts the names of the branches that GitHub's merge queue makes and deletes.
const MergeQueuePrefix = "gh-readonly-queue/"

// MergeQueueBase gives the branch that a merge queue's branch is to become: gh-readonly-queue/main/pr-12-SHA is for main.
func MergeQueueBase(branch string) (base string, ok bool) {
	rest, ok := strings.CutPrefix(branch, MergeQueuePrefix)
	i := strings.LastIndex(rest, "/pr-")
	if !ok || i <= 0 {
		return "", false
	}
	return rest[:i], true
}

// A Merge is what merging two commits would give. With conflicts there is no tree.
type Merge struct {
	Tree      Tree     // empty if Conflicts is not
	Conflicts []string // the paths that both sides changed, sorted
}

// A Repo is one repository of one installation. The two ids are its identity; the names may change.
type Repo struct {
	Installation int64
	ID           int64
	Owner, Name  string
}

// String is OWNER/NAME.
func (r Repo) String() string { return r.Owner + "/" + r.Name }

// A User is a person or bot, known by the id that GitHub gives and never takes back.
type User struct {
	ID    int64
	Login string
	Bot   bool
}

// A PullRequest as GitHub shows it now.
type PullRequest struct {
	Number     int
	Title      string
	Author     User
	Open       bool
	Merged     bool
	Head       Commit
	HeadBranch string // in the head repository, which may be a fork
	Fork       bool   // the head is not a branch of the repository itself
	HeadRepo   string // OWNER/NAME; empty where that is deleted
	BaseBranch string
	URL        string // the page for people
	Draft      bool
	Requested  []User    // the people who are asked to review and have not yet
	Updated    time.Time // when anything of it last changed: a push, a comment, a review, a label
}

// A Comment is one in the conversation of a pull request.
type Comment struct {
	ID     int64 // zero before it is created
	Pull   int   // number of the pull request, or of the issue
	Author User
	App    bool // made by an app, for itself or for a person
	Own    bool // made by this app
	At     time.Time
	Edited bool   // changed since it was made, by whomever
	Body   string // Markdown, at most MaxComment characters
}

// MaxComment is how many characters a comment holds. Source: GitHub's answer "body is too long (maximum is 65536 characters)".
const MaxComment = 65536

// A NewCommit is a commit to be made on top of another one, by the app itself.
type NewCommit struct {
	Parent  Commit
	Message string
	Files   []NewFile // at least one; all others stay as they are
}

// A NewFile is the content that a commit gives to a file.
type NewFile struct {
	Path       string
	Executable bool
	Content    []byte
}

// A ChangeKind says what happened to a path between two commits.
type ChangeKind string

const (
	Added    ChangeKind = "added"
	Modified ChangeKind = "modified"
	Removed  ChangeKind = "removed"
)

// A Change is one path that differs between two trees. A rename is a removal and an addition.
type Change struct {
	Path string
	Kind ChangeKind
}

// A CheckRun is one check on one commit, as GitHub keeps it.
type CheckRun struct {
	ID          int64 // zero before it is created
	Name        string
	Head        Commit
	ExternalID  string // ours: what the run was made for
	Status      CheckStatus
	Conclusion  Conclusion // empty until Status is Completed
	Title       string     // one line
	Summary     string     // Markdown, at most MaxSummary bytes
	Text        string     // Markdown, at most MaxSummary bytes
	Annotations []Annotation
	Annotated   int       // how many annotations GitHub holds already; as read, not written
	CompletedAt time.Time // zero until completed
	Actions     []Action  // buttons, at most MaxActions; none: those that are there stay
	URL         string    // the page for people
}

// An Action is a button of a check run.
type Action struct {
	Label       string // at most 20 characters
	Description string // at most 40 characters
	Identifier  string // at most 20 characters: what a press of it is told by
}

// Identifiers of tamer's buttons.
const (
	RecheckAction = "recheck" // judge again
	FixAction     = "fix"     // commit the edits that findings offer
	MigrateAction = "migrate" // commit the configs as a changed schema asks
	PreviewAction = "preview" // serve the commit beside production
)

// A CheckStatus is how far a check run is.
type CheckStatus string

const (
	Queued     CheckStatus = "queued"
	InProgress CheckStatus = "in_progress"
	Completed  CheckStatus = "completed"
)

// A Conclusion is the verdict of a check run. Neutral and skipped are left out: both satisfy a required check.
type Conclusion string

const (
	Success        Conclusion = "success"
	Failed         Conclusion = "failure"
	ActionRequired Conclusion = "action_required"
	Cancelled      Conclusion = "cancelled" // does not satisfy a required check either
)

// Limits of a check run. Source: docs.github.com, REST API, "Check runs".
const (
	MaxAnnotations = 50    // in one request; more are appended by further updates
	MaxSummary     = 65535 // bytes of summary, and of text
	MaxActions     = 3
)

// An Annotation is one finding as a check run shows it, at lines of a file of the head commit.
type Annotation struct {
	Path                   string
	StartLine, EndLine     int // 1-based, inclusive
	StartColumn, EndColumn int // 1-based, inclusive; only where StartLine = EndLine, else 0
	Level                  AnnotationLevel
	Title                  string // at most 255 characters
	Message                string // at most 64 KB
	RawDetails             string // at most 64 KB
}

// An AnnotationLevel is GitHub's word for a level.
type AnnotationLevel string

const (
	AnnotationFailure AnnotationLevel = "failure"
	AnnotationWarning AnnotationLevel = "warning"
	AnnotationNotice  AnnotationLevel = "notice"
)

// A Deployment is GitHub's record that a commit goes to an environment.
type Deployment struct {
	ID          int64 // zero before it is created
	Commit      Commit
	Environment string
	Transient   bool // gone some day, as a preview is
	Production  bool
	Description string // at most 140 characters
	State       DeploymentState
	URL         string // where people see what is deployed; http or https, empty for none
	LogURL      string // where people see how it went; likewise
}

// A DeploymentState is the newest status of a deployment; empty before the first.
type DeploymentState string

const (
	DeploymentInProgress DeploymentState = "in_progress"
	DeploymentSuccess    DeploymentState = "success"
	DeploymentFailure    DeploymentState = "failure"
	DeploymentInactive   DeploymentState = "inactive"
)
