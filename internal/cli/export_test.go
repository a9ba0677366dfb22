package cli

// NewRoot gives the commands to tests, which describe them.
var NewRoot = newRoot
