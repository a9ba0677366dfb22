package forge

import "time"

// A Review is what somebody has said about one commit of a pull request.
type Review struct {
	By     User
	State  ReviewState
	Commit Commit // that was looked at
	At     time.Time
}

// A ReviewState is GitHub's, in lower case. A review that is dismissed has that state instead of the one that it had.
type ReviewState string

const (
	Approved         ReviewState = "approved"
	ChangesRequested ReviewState = "changes_requested"
	Dismissed        ReviewState = "dismissed"
	Commented        ReviewState = "commented"
)

// An Authorship is whose one commit is: the author, the committer and the co-authors, by the ids that GitHub gives.
type Authorship struct {
	Commit  Commit
	Parents []Commit
	People  []User // each once; bots too, but not GitHub itself, which commits what is done on its pages
	// Unknown says why somebody of them cannot be told, and what to do; empty where all are known.
	Unknown string
}

// A MergedPullRequest is one that became part of its base.
type MergedPullRequest struct {
	Number   int
	Author   User
	MergedAt time.Time
	Commit   Commit // what it became on the base: the merge, or the last commit of a squash or rebase
	Base     string
}
