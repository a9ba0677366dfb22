package flow

import "github.com/tamerhq/tamer/internal/ship"

// A Point names a moment of a flow: everything before it has happened, nothing after it has. A process may end at any.
type Point = ship.Point

// The points of a pull request, in order.
const (
	PullBegun     Point = "pull: begun"
	PullRead      Point = "pull: read from GitHub"
	PullHeads     Point = "pull: branches read"
	PullChecked   Point = "pull: check run looked for"
	PullStarted   Point = "pull: check run in progress"
	PullFetched   Point = "pull: commits fetched"
	PullMerged    Point = "pull: merged"
	PullJudged    Point = "pull: judged"
	PullRemarked  Point = "pull: comment written"
	PullAnnotated Point = "pull: first annotations sent"
	PullPublished Point = "pull: check run completed"
)

// The points of the gates of a pull request, in order.
const (
	GateBegun     Point = "gates: begun"
	GateRead      Point = "gates: pull requests read"
	GateDecided   Point = "gates: decided"
	GateRemarked  Point = "gates: line in the comment written"
	GateAsked     Point = "gates: reviews requested"
	GateReread    Point = "gates: read again"
	GatePublished Point = "gates: check run completed"
)

// The points of a command in a comment, and of the button that applies fixes, in order.
const (
	CommandRead     Point = "command: comment read"
	CommandAnswered Point = "command: answered"
	FixBegun        Point = "fix: begun"
	FixFound        Point = "fix: edits found"
	FixCommitted    Point = "fix: committed"
)

// The points of a deploy, in order: of the branch, of one store, and of what is shown.
const (
	DeployBegun     Point = "deploy: begun"
	DeployRead      Point = "deploy: channel read"
	DeployFetched   Point = "deploy: commit fetched"
	DeployPacked          = ship.Packed
	DeployReleased        = ship.Released
	DeployJournaled       = ship.Journaled
	DeployRemoved         = ship.Removed
	DeployWriting         = ship.Writing
	DeployWritten         = ship.Written
	DeployMoved           = ship.Moved
	DeployStarted   Point = "deploy: check run in progress"
	DeployAnnounced Point = "deploy: deployment created"
	DeployTold      Point = "deploy: deployment succeeded"
	DeployPublished Point = "deploy: check run completed"
)

// Points are all of them.
var Points = []Point{
	PullBegun, PullRead, PullHeads, PullChecked, PullStarted, PullFetched, PullMerged, PullJudged, PullRemarked, PullAnnotated,
	PullPublished, GateBegun, GateRead, GateDecided, GateRemarked, GateAsked, GateReread, GatePublished, CommandRead, CommandAnswered, FixBegun, FixFound, FixCommitted,
	DeployBegun, DeployRead, DeployFetched, DeployPacked, DeployReleased, DeployJournaled, DeployRemoved, DeployWriting, DeployWritten, DeployMoved,
	DeployStarted, DeployAnnounced, DeployTold, DeployPublished,
}
