package work

import "time"

// SweepEvery is how often what no webhook has told is looked for, where nobody says otherwise. Whether a sweep is due is looked at LooksPerSweep
// times in that time: so whatever happens is found within 66 seconds.
const (
	SweepEvery    = time.Minute
	LooksPerSweep = 10
)
