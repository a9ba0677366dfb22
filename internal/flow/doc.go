// Package flow is what tamer does, one straight file per kind of work: take the facts, decide, and make what GitHub
// and the sinks show agree with the decision. Every flow may be run again at any time, and be cut off at any step.
package flow
