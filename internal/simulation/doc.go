// Package simulation plays tamer against people, GitHub, git, stores, a database and a clock that are all in one process, by a seed: which
// people do what, which webhooks are lost, which calls fail, which worker pauses or dies, and who goes first. The flows, the stores'
// fences and the webhook handler are the real ones. What must hold whatever happens is checked on each history; a history that fails is
// played again, step by step the same, from its seed.
package simulation
