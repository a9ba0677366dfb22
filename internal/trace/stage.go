package trace

import "context"

// A Stage is a part of the work whose time is worth knowing.
type Stage string

const (
	Webhook Stage = "webhook" // from a delivery's arrival to its answer
	Attempt Stage = "attempt" // a worker's whole look at one key
	GitHub  Stage = "github"  // one call of GitHub's API
	Git     Stage = "git"     // one run of git
	Judge   Stage = "judge"   // finding what is wrong with a tree
	Outside Stage = "outside" // asking the operator's own systems
	Sink    Stage = "sink"    // one request to a store
)

// Stages are all of them.
var Stages = []Stage{Webhook, Attempt, GitHub, Git, Judge, Outside, Sink}

// A Recorder is told when stages begin, and by calling what Begin gives, when they end and with which error. It must be safe for
// concurrent use, and must not keep anything that could be a secret.
type Recorder interface {
	Begin(ctx context.Context, s Stage, about ...string) (context.Context, func(error))
}

type recorderKey struct{}

// Recorded gives a context whose stages are recorded.
func Recorded(ctx context.Context, r Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// Begin begins a stage; what is given back ends it, and is called once. about are pairs of a name and a value, for people, and hold no
// secret. Where nobody records, it costs a look into ctx.
func Begin(ctx context.Context, s Stage, about ...string) (context.Context, func(error)) {
	r, _ := ctx.Value(recorderKey{}).(Recorder)
	if r == nil {
		return ctx, func(error) {}
	}
	return r.Begin(ctx, s, about...)
}

// All gives a recorder that tells each of several.
func All(recorders ...Recorder) Recorder {
	if len(recorders) == 1 {
		return recorders[0]
	}
	return all(recorders)
}

type all []Recorder

func (a all) Begin(ctx context.Context, s Stage, about ...string) (context.Context, func(error)) {
	ends := make([]func(error), len(a))
	for i, r := range a {
		ctx, ends[i] = r.Begin(ctx, s, about...)
	}
	return ctx, func(err error) {
		for _, end := range ends {
			end(err)
		}
	}
}
