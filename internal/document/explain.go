package document

import "strings"

// explain says the parser's problem in words for people who edit text, with what to write instead.
func explain(problem string) (message, fix string) {
	for _, e := range explanations {
		if strings.Contains(problem, e.problem) {
			return e.message, e.fix
		}
	}
	return "this is not valid YAML: " + problem, "compare the line, and the one before it, with a file that works"
}

var explanations = []struct{ problem, message, fix string }{
	{"mapping values are not allowed", "a colon stands where no new key can begin",
		`put the value in quotes if the colon belongs to it; else start a new line with the same indentation as its neighbours`},
	{"did not find expected key", "this line is not indented like its neighbours",
		"give it the same number of spaces as the other keys of its mapping"},
	{"did not find expected '-' indicator", "this line does not belong to the list that it stands in",
		`start it with "- " like the other items, or indent it like the key that it belongs to`},
	{"did not find expected ',' or ']'", `this "[" is never closed`, `close the list with "]", put a comma between its items, and put texts that hold brackets or braces in quotes`},
	{"did not find expected ',' or '}'", `this "{" is never closed`, `close the mapping with "}", put a comma between its entries, and put texts that hold brackets or braces in quotes`},
	{"comma too many", "there is a comma too many here", "remove it, or write the item that belongs before it"},
	{"missing comma", "a comma is missing here", "put a comma between two items, and put texts that hold brackets, braces, commas or colons in quotes"},
	{"text after a value", "something follows the value that ends here", "put the whole text in one pair of quotes, or begin the next key on a line of its own"},
	{"comment without preceding", "a comment needs a space before it", "put a space before #, or put the text in quotes if # belongs to it"},
	{"directive", "this line begins with %, which is kept for directives", `put the text in quotes, or write a directive such as %YAML 1.2 above "---" only`},
	{"found unexpected end of stream", "this quote is never closed", "write the same quote again where the text ends"},
	{"found character that cannot start any token", "this character cannot begin a value",
		"put a text that begins with @, ` or % in quotes, and indent with spaces instead of tabs"},
	{"did not find expected comment or line break", "nothing but a comment can stand on the line of a | or > that begins a text",
		"begin the text on the next line, indented, or put it in quotes"},
	{"did not find expected node content", "this sign cannot begin a value", "put the text in quotes if the sign belongs to it; else remove the sign"},
	{"mapping keys are not allowed", "a question mark with a space after it cannot begin a value", "put the text in quotes if the question mark belongs to it"},
	{"found a tab character", "a tab stands where only spaces can", "indent with spaces instead"},
	{"could not find expected ':'", "a key without a colon", `write "key: value", or indent the line if it continues the text above`},
	{"unknown escape character", `a backslash in "double quotes" begins an escape, and this one is unknown`,
		`write \\ for a backslash, or use 'single quotes'`},
	{"invalid Unicode character escape code", "this escape is half of a character, or none", `write the character itself, or both halves of it, as in "\ud83d\ude00"`},
	{"unknown anchor", "this alias names an anchor that is not defined above it", "define it with &name at an earlier value, or put the text in quotes if * belongs to it"},
	{"block sequence entries are not allowed", "a list item cannot begin here", "start the list on a line of its own, below its key"},
	{"control characters are not allowed", "the file holds a control character that YAML forbids", `remove it, or write it as an escape such as "\x07" in double quotes`},
}
