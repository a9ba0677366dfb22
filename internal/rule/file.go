package rule

import "github.com/tamerhq/tamer/internal/finding"

var fileRules = []Rule{
	{
		ID: "encoding", Level: finding.Failure, Family: File,
		Purpose: "A file is text.",
		Why: `Configuration is read as UTF-8, or as UTF-16 with a byte order mark. A picture, an archive or a spreadsheet that
was saved under the name of a configuration cannot be read at all. Save the content as UTF-8 text, or move the file to
another directory.`,
		Bad:  "name: Acme\x00\n",
		Good: "name: Acme\n",
	},
	{
		ID: "file-size", Level: finding.Failure, Family: File,
		Purpose: "A file stays within the bounds of size, depth and number of values.",
		Why: `A few lines of YAML can stand for billions of values when aliases repeat aliases, and every program that reads
them would stop. So the size of a file, the depth of its nesting, the keys of one mapping and the values of a document
are bounded. Write out what is meant, or split the file.`,
		Bad: `a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
`,
		Good: `a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
b: [*a, *a]
`,
	},
	{
		ID: "yaml", Level: finding.Failure, Family: File,
		Purpose: "A file is valid YAML, and valid JSON where its name ends with .json.",
		Why: `A file that cannot be read as YAML says nothing, and a key that stands twice says two things. Most often a quote or
bracket is not closed, a line has another indentation than its neighbours, a tab stands where spaces must, or a text with
": " in it, or with a sign such as ! or > before it, has no quotes. A file with the name of JSON is served as it is, to
programs that take no comments, and no comma after the last item.`,
		Bad: `title: "Summer sale
from: 2026-06-01
`,
		Good: `title: "Summer sale"
from: 2026-06-01
`,
	},
}
