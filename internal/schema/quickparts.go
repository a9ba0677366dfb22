package schema

// maxUnique is up to how many items that are no texts are compared with each other.
const maxUnique = 20

func (r *quickRun) fitsList(q *quick, list []any) bool {
	if len(list) < q.minItems || q.maxItems >= 0 && len(list) > q.maxItems || q.unique && !r.different(list) {
		return false
	}
	for i, item := range list {
		below := q.rest
		if i < len(q.prefix) {
			below = q.prefix[i]
		}
		if below == nil {
			break
		}
		if !r.fits(below, item) {
			return false
		}
	}
	if q.contains == nil {
		return true
	}
	n := 0
	for _, item := range list {
		if r.fits(q.contains, item) {
			n++
		}
	}
	return n >= q.minContains && (q.maxContains < 0 || n <= q.maxContains)
}

// different tells whether no two items are equal.
func (r *quickRun) different(list []any) bool {
	texts := make(map[string]bool, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return r.differentAnyhow(list)
		}
		if texts[s] {
			return false
		}
		texts[s] = true
	}
	return true
}

func (r *quickRun) differentAnyhow(list []any) bool {
	if len(list) > maxUnique {
		r.lost = true
		return false
	}
	for i := range list {
		for _, other := range list[:i] {
			if r.equal(list[i], other) {
				return false
			}
		}
	}
	return true
}

func (r *quickRun) fitsMapping(q *quick, m map[string]any) bool {
	if len(m) < q.minProperties || q.maxProperties >= 0 && len(m) > q.maxProperties {
		return false
	}
	for _, name := range q.required {
		if !has(m, name) {
			return false
		}
	}
	for _, d := range q.dependent {
		if has(m, d.name) && !r.fitsDependency(d, m) {
			return false
		}
	}
	if q.properties == nil && q.patterns == nil && !q.closed && q.additional == nil && q.names == nil {
		return true
	}
	for name, v := range m {
		if !r.fitsProperty(q, name, v) {
			return false
		}
	}
	return true
}

func (r *quickRun) fitsDependency(d dependency, m map[string]any) bool {
	for _, name := range d.required {
		if !has(m, name) {
			return false
		}
	}
	return d.below == nil || r.fits(d.below, m)
}

func (r *quickRun) fitsProperty(q *quick, name string, v any) bool {
	if q.names != nil && !r.fits(q.names, name) {
		return false
	}
	below, known := q.properties[name]
	if known && !r.fits(below, v) {
		return false
	}
	for _, p := range q.patterns {
		if !p.pattern.MatchString(name) {
			continue
		}
		if known = true; !r.fits(p.below, v) {
			return false
		}
	}
	switch {
	case known:
		return true
	case q.closed:
		return false
	}
	return q.additional == nil || r.fits(q.additional, v)
}
