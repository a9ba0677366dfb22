package policy

import "sync"

// recent keeps the policies that were read last: for one piece of work the same text is read many times, from several trees. A Policy is
// not changed once it is read.
var recent = struct {
	mu     sync.Mutex
	byText map[string]*Policy
}{byText: map[string]*Policy{}}

// Bounds on what is kept: policies that are larger are read each time, and where there would be more all are forgotten.
const (
	maxRecent     = 64
	maxRecentText = 64 << 10
)

// recall gives the policy that was read from a text; nil where that is not known any more.
func recall(src []byte) *Policy {
	recent.mu.Lock()
	defer recent.mu.Unlock()
	return recent.byText[string(src)]
}

func remember(src []byte, p *Policy) {
	if p == nil || len(src) > maxRecentText {
		return
	}
	recent.mu.Lock()
	defer recent.mu.Unlock()
	if len(recent.byText) >= maxRecent {
		clear(recent.byText)
	}
	recent.byText[string(src)] = p
}
