package evolution

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/compat"
)

// Whom a direction hurts, in words for people who do not think in schemas.
var hurt = map[compat.Direction]string{compat.Backward: "files", compat.Forward: "services"}

// Whom says whom the change can hurt: "files", "services", "files and services", or nothing.
func (c Change) Whom() string {
	if c.Problem != "" || len(c.Beyond) > 0 {
		return "files and services"
	}
	var all []string
	for _, d := range []compat.Direction{compat.Backward, compat.Forward} {
		if c.Report.Breaks(d) {
			all = append(all, hurt[d])
		}
	}
	return strings.Join(all, " and ")
}

// Words say in one sentence what the change comes to, without a full stop.
func (c Change) Words() string {
	switch {
	case c.Gone:
		return "the type has no schema any more: nothing judges its files"
	case c.Problem != "":
		return "it could not be compared"
	}
	return map[compat.Compatibility]string{
		compat.Identical:    "what it accepts stays the same",
		compat.Full:         "what it accepts stays the same",
		compat.OnlyBackward: "every file that was valid stays valid; services that know only the old schema may meet values that they do not expect",
		compat.OnlyForward:  "files that were valid may not be any more; services that know only the old schema can read every new file",
		compat.None:         "files that were valid may not be any more, and services that know only the old schema may meet values that they do not expect",
	}[c.Report.Compatibility]
}

// Why says in short what of the change hurts whom, most with the value that shows it: the first few such things.
func (c Change) Why(most int) []string {
	if c.Problem != "" {
		return []string{c.Problem}
	}
	var all []string
	left := 0
	for _, ch := range c.Report.Changes {
		if len(ch.Breaks) == 0 {
			continue
		}
		if len(all) == most {
			left++
			continue
		}
		all = append(all, strings.TrimPrefix(ch.Path, "#")+": "+ch.Message)
	}
	for _, word := range c.Beyond {
		all = append(all, fmt.Sprintf("%s says something else, which no comparison of schemas can judge", word))
	}
	if left > 0 {
		all = append(all, fmt.Sprintf("and %d more", left))
	}
	return all
}
