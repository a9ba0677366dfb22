package work

import "slices"

// A Class says how urgent a kind of work is, where there is not enough of something for all.
type Class int

const (
	Production Class = iota // deploys, and what is shown of them
	Verdicts                // what somebody waits for: gates, verdicts, answers, previews
	Upkeep                  // what finds what was missed: it can wait
)

// ClassOf gives the class of a kind, by its place in Kinds.
func ClassOf(k Kind) Class {
	switch r := slices.Index(Kinds, k); {
	case r < 0 || r >= slices.Index(Kinds, Missed):
		return Upkeep
	case r >= slices.Index(Kinds, MergeGroup):
		return Verdicts
	}
	return Production
}
