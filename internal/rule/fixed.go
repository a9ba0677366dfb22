package rule

import "slices"

// fixed are the rules whose findings say that something was not judged, or could not be stored: green would be a lie then.
var fixed = []string{
	"base-branch", "condition-unjudged", "config-duplicate", "encoding", "file-kind", "file-size", "live-unknown", "merge-conflict", "name", "policy", "reference-unknown",
	"schema-invalid", "unanswered", "unreadable", "yaml",
}

// Fixed tells whether a rule always fails, so that no policy can give it another level.
func Fixed(id string) bool { return slices.Contains(fixed, id) }
