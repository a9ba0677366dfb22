package policy

import "time"

// Schemas says how schemas may change.
type Schemas struct {
	// Deprecation is how long something must have been deprecated before a schema may drop it, and Written is that as the policy
	// writes it. Zero: nothing has to be.
	Deprecation time.Duration
	Written     string
}

// schemaRules is the section's shape in the file.
type schemaRules struct{ Deprecation string }

func (s schemaRules) read() (Schemas, error) {
	if s.Deprecation == "" {
		return Schemas{}, nil
	}
	d, err := duration(s.Deprecation)
	return Schemas{d, s.Deprecation}, err
}
