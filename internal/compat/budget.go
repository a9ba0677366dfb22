package compat

import "time"

// A Budget bounds the time that comparisons take together. Steps bound each of them, and are the same on every machine; but what one
// step takes, such as a value that goes through many alternatives, lies in the schemas, and so in the hands of who writes them. What
// was not proven in time counts as broken. It is not safe for concurrent use.
type Budget struct {
	left  time.Duration
	until time.Time // of the comparison that is made now
	late  bool
	stop  <-chan struct{} // nil: nobody stops it
}

// NewBudget gives a budget of so much time.
func NewBudget(most time.Duration) *Budget { return &Budget{left: most} }

// StopWith ends all comparisons when the channel is closed. What they report then is of no use.
func (b *Budget) StopWith(stop <-chan struct{}) *Budget {
	b.stop = stop
	return b
}

// start begins to count; the caller ends it.
func (b *Budget) start() (end func()) {
	began := time.Now()
	b.until = began.Add(b.left)
	return func() {
		b.left -= time.Since(began)
		b.late = b.left <= 0
	}
}

// spent looks at the clock, which costs a hundredth of what a step does, and some steps take a second.
func (b *Budget) spent() bool {
	if !b.late {
		select {
		case <-b.stop:
			b.left, b.late = 0, true
		default:
			b.late = time.Now().After(b.until)
		}
	}
	return b.late
}

// MaxTime bounds one comparison. Steps end those of schemas that people write in a hundredth of it.
const MaxTime = 20 * time.Second
