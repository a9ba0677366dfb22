package render

import "fmt"

// Operated answers an operator's command. No mention is made of the login, so nobody is notified. what is Markdown.
func Operated(login, verb, what string) string {
	return fmt.Sprintf("%s asked for %s.\n\n%s\n", code(login), code("/tamer "+verb), what)
}

// OperatedStore says what came of it in one store, as a line of a list.
func OperatedStore(store, what string) string {
	return fmt.Sprintf("- %s: %s\n", code(store), code(what))
}

// PreviewLine says in at most 140 characters what a preview serves.
func PreviewLine(served, held int, stopped bool) string {
	switch {
	case stopped:
		return "Not served: the policy of the commit cannot be read"
	case held > 0:
		return fmt.Sprintf("%s served beside production; held back, as in production: %s", many(served, "customer"), many(held, "customer"))
	}
	return many(served, "customer") + " served beside production"
}
