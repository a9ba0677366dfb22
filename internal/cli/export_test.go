package cli

// NewRoot gives the commands to tests, which describe them.
var NewRoot = newRoot

// Ask is what new asks on a terminal.
var Ask = ask
