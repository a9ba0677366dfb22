package work

import "context"

// A Hold is what a worker has of a key while it works on it.
type Hold struct {
	Key Key
	// Check gives an error when the key may be in other hands by now: then nothing may be done for it any more. It waits for
	// nothing. Nil: the key cannot be lost.
	Check func() error
}

// WithHold gives a context that carries the hold, for the hands: what they do for a key they do only while it is held.
func WithHold(ctx context.Context, h Hold) context.Context {
	return context.WithValue(ctx, holdKey{}, h)
}

type holdKey struct{}

// Held gives nil while the key that ctx is about is held, and where it is about none. Ask right before every effect: a process that
// was stopped for a while does not notice otherwise that another one has taken over.
func Held(ctx context.Context) error {
	if h, _ := ctx.Value(holdKey{}).(Hold); h.Check != nil {
		return h.Check()
	}
	return ctx.Err()
}

// KeyOf gives the key that ctx is about; the zero Key where it is about none.
func KeyOf(ctx context.Context) Key {
	h, _ := ctx.Value(holdKey{}).(Hold)
	return h.Key
}

// ClassIn gives the class of the work that ctx is about; a person's command, which is about no key, waits for nothing.
func ClassIn(ctx context.Context) Class {
	if k := KeyOf(ctx).Kind; k != "" {
		return ClassOf(k)
	}
	return Production
}
