package forge

import (
	"regexp"
	"strconv"
)

// A MergeGroup is what the name of a merge queue's branch tells of it.
type MergeGroup struct {
	Base   string // the branch that it is to become
	Number int    // of the pull request that it was made for
	Parent Commit // what it was made on: the base, or the commit of the group before it
}

// groupName is how GitHub names these branches. Source: docs.github.com, "Managing a merge queue".
var groupName = regexp.MustCompile(`^` + regexp.QuoteMeta(MergeQueuePrefix) + `(.+)/pr-([1-9][0-9]{0,8})-([0-9a-f]{40}|[0-9a-f]{64})$`)

// ParseMergeGroup reads the name of a branch such as gh-readonly-queue/main/pr-12-SHA.
func ParseMergeGroup(branch string) (MergeGroup, bool) {
	parts := groupName.FindStringSubmatch(branch)
	if parts == nil {
		return MergeGroup{}, false
	}
	n, err := strconv.Atoi(parts[2])
	return MergeGroup{Base: parts[1], Number: n, Parent: Commit(parts[3])}, err == nil
}
