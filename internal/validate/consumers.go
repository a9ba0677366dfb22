package validate

import (
	"slices"

	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// consumers judges what services declare that they read, and tells which of them the altered schemas break. It counts what was wrong
// before in files that the change leaves alone.
func (j *judge) consumers(changes []SchemaChange) (now []finding.Finding, existing finding.Count, err error) {
	if !j.concernsConsumers(changes) {
		return nil, existing, nil
	}
	services, found, err := evolution.Consumers(j.head.Catalog)
	if err != nil {
		return nil, existing, err
	}
	copies := &evolution.Copies{Tree: j.head.Catalog, Released: j.opts.Released}
	if j.base != nil && !j.opts.Merged {
		copies.Tree = j.base.Catalog
	}
	for _, s := range services {
		if j.concerns(s, changes) {
			found = append(found, s.Unfit(j.head.Catalog, copies)...)
		}
	}
	var before []evolution.Consumer
	var was []finding.Finding
	if j.base != nil {
		if before, was, err = evolution.Consumers(j.base.Catalog); err != nil {
			return nil, existing, err
		}
	}
	if len(found) > 0 {
		for _, s := range before {
			was = append(was, s.Unfit(j.base.Catalog, copies)...)
		}
	}
	for i := range changes {
		now = append(now, j.broken(&changes[i], copies, services, before)...)
	}
	if copies.Err != nil {
		return nil, existing, copies.Err
	}
	found = slices.DeleteFunc(found, func(f finding.Finding) bool { return toldAtSchema(now, f) })
	for _, f := range found {
		if !j.isTouched(f.File) && slices.ContainsFunc(was, func(w finding.Finding) bool { return finding.Same(w, f) }) {
			existing.Add(j.level(f))
		} else {
			now = append(now, f)
		}
	}
	return slices.DeleteFunc(now, func(f finding.Finding) bool { return !under(f.File, j.opts.Only) }), existing, nil
}

// concernsConsumers tells whether the change can matter to what services declare: it alters a schema, or touches what is no config.
func (j *judge) concernsConsumers(changes []SchemaChange) bool {
	if j.base == nil || j.whole || len(changes) > 0 {
		return true
	}
	for path := range j.touched {
		if kind := j.head.Policy.Layout.Read(path).Kind; kind == policy.Consumer || kind == policy.Other {
			return true
		}
	}
	return false
}

// concerns tells whether the change can make the declaration of a service wrong.
func (j *judge) concerns(s evolution.Consumer, changes []SchemaChange) bool {
	return j.base == nil || j.whole || j.isTouched(s.File) ||
		slices.ContainsFunc(s.Reads, func(r evolution.Read) bool { return j.isTouched(r.Schema) }) ||
		slices.ContainsFunc(changes, func(c SchemaChange) bool { return reads(s, c.Type) })
}

// toldAtSchema tells whether what a declaration lacks is said where the change has taken it away.
func toldAtSchema(broken []finding.Finding, f finding.Finding) bool {
	return f.Rule == "consumer" && slices.ContainsFunc(broken, func(b finding.Finding) bool {
		return len(b.Related) > 0 && b.Related[0].File == f.File && b.Related[0].At == f.At
	})
}

// broken tells which services the change of a schema breaks: by what they declare now, by their schemas as they were, and by what the
// change has them declare no more, for who alters a schema cannot speak for its readers.
func (j *judge) broken(c *SchemaChange, copies *evolution.Copies, now, before []evolution.Consumer) []finding.Finding {
	var silenced []evolution.Consumer
	for _, s := range before {
		if left := s.Without(c.Type, now); len(left.Reads) > 0 && !j.opts.Merged {
			silenced = append(silenced, left)
		}
	}
	var all []finding.Finding
	for i, s := range slices.Concat(now, silenced) {
		found := c.Hurt(j.head.Catalog, copies, s)
		if len(found) > 0 && !slices.ContainsFunc(c.Services, func(o evolution.Consumer) bool { return o.Name == s.Name }) {
			c.Services = append(c.Services, s)
		}
		for _, f := range found {
			if i >= len(now) {
				f.Message += "; that the same change takes its declaration away, or alters it, does not help it"
				f.Fix = "remove or alter the declaration in a change of its own, once the service can do with that"
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
