package validate

import (
	"slices"

	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
)

// consumers judges what services declare that they read, and tells which of them the altered schemas break. It counts what was wrong
// before in files that the change leaves alone.
func (j *judge) consumers(changes []SchemaChange) (now []finding.Finding, existing finding.Count, err error) {
	services, found, err := evolution.Consumers(j.head.Catalog)
	if err != nil {
		return nil, existing, err
	}
	for _, s := range services {
		found = append(found, s.Unfit(j.head.Catalog)...)
	}
	var before []evolution.Consumer
	var was []finding.Finding
	if j.base != nil {
		if before, was, err = evolution.Consumers(j.base.Catalog); err != nil {
			return nil, existing, err
		}
		for _, s := range before {
			was = append(was, s.Unfit(j.base.Catalog)...)
		}
	}
	for i := range changes {
		now = append(now, j.broken(&changes[i], services, before)...)
	}
	for _, f := range found {
		switch {
		case !under(f.File, j.opts.Only) || toldAtSchema(now, f):
		case !j.isTouched(f.File) && slices.ContainsFunc(was, func(w finding.Finding) bool { return finding.Same(w, f) }):
			existing.Add(j.level(f))
		default:
			now = append(now, f)
		}
	}
	return now, existing, nil
}

// toldAtSchema tells whether what a declaration lacks is said where the change has taken it away.
func toldAtSchema(broken []finding.Finding, f finding.Finding) bool {
	return f.Rule == "consumer" && slices.ContainsFunc(broken, func(b finding.Finding) bool {
		return len(b.Related) > 0 && b.Related[0].File == f.File && b.Related[0].At == f.At
	})
}

// broken tells which services the change of a schema breaks: by what they declare now, and by what the change makes them declare no
// more, for who alters a schema cannot speak for its readers.
func (j *judge) broken(c *SchemaChange, now, before []evolution.Consumer) []finding.Finding {
	var silenced []evolution.Consumer
	for _, s := range before {
		if !slices.ContainsFunc(now, func(n evolution.Consumer) bool { return n.Name == s.Name && reads(n, c.Type) }) {
			silenced = append(silenced, s)
		}
	}
	var all []finding.Finding
	for i, s := range slices.Concat(now, silenced) {
		found := c.Hurt(j.base.Catalog, j.head.Catalog, s)
		if len(found) > 0 {
			c.Services = append(c.Services, s)
		}
		for _, f := range found {
			if i >= len(now) {
				f.Message += "; that the same change takes its declaration away does not help it"
				f.Fix = "remove the declaration in a change of its own, once the service does without"
				f.Related = nil
			}
			all = append(all, f)
		}
	}
	return all
}

func reads(s evolution.Consumer, typ string) bool {
	return slices.ContainsFunc(s.Reads, func(r evolution.Read) bool { return r.Type == typ })
}
