package render

import (
	"fmt"
	"strings"
)

// A Drift is how a store differed from what tamer has written there, when they were compared.
type Drift struct {
	Day      string   // of the comparison
	Files    []string // plain files that were changed, gone or added, at most maxListed of them
	Count    int      // of all of them
	Lost     int      // bundles that were gone, and were made anew
	Repaired bool     // the files too
}

// NewDrift keeps of the files as many as are shown.
func NewDrift(day string, files []string, lost int, repaired bool) Drift {
	return Drift{Day: day, Files: files[:min(len(files), maxListed)], Count: len(files), Lost: lost, Repaired: repaired}
}

// stands tells whether files are still as somebody else has left them.
func (d *Drift) stands() bool { return d != nil && d.Count > 0 && !d.Repaired }

// explain says what was found in a store, and what became of it.
func (d *Drift) explain(b *strings.Builder, store string) {
	if d == nil {
		return
	}
	fmt.Fprintf(b, "\n%s was compared with what tamer has written there, on %s.", code(store), d.Day)
	if d.Lost > 0 {
		fmt.Fprintf(b, " Lost and made anew: %s.", many(d.Lost, "bundle"))
	}
	if d.Count == 0 {
		b.WriteString("\n")
		return
	}
	fmt.Fprintf(b, " Changed, removed or added by somebody else: %s.", many(d.Count, "file"))
	if d.Repaired {
		b.WriteString(" They were put right:\n\n")
	} else {
		b.WriteString(" **They are still so**, for the policy says `deploy: {drift: report}`. Put them right with `tamer status --repair`, or write `drift: repair` there:\n\n")
	}
	for _, file := range d.Files {
		fmt.Fprintf(b, "- %s\n", code(file))
	}
	if n := d.Count - len(d.Files); n > 0 {
		fmt.Fprintf(b, "\nand %s more.\n", many(n, "file"))
	}
}
