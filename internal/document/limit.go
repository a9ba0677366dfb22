package document

import "fmt"

// A Limit is one field of Limits as people set it.
type Limit struct {
	Name        string // as in --max-depth
	Meaning     string // one sentence
	Default     int
	Least, Most int // what may be set
	Of          func(*Limits) *int
}

// All are the limits that can be set. At the most of each a file may take seconds and gigabytes.
var All = []Limit{
	{"max-file-bytes", "How many bytes a file may have.", 10 << 20, 1 << 10, 1 << 30, func(l *Limits) *int { return &l.Bytes }},
	{"max-depth", "How deep the values of a file may be nested.", 200, 10, 1000, func(l *Limits) *int { return &l.Depth }},
	{"max-values", "How many values a document may hold after its aliases are expanded.", 1_000_000, 1000, 100_000_000, func(l *Limits) *int { return &l.Nodes }},
	{"max-keys", "How many keys a mapping may have.", 20_000, 100, 10_000_000, func(l *Limits) *int { return &l.Keys }},
	{"max-text-bytes", "How many bytes a text or a number may have.", 1 << 20, 1 << 10, 1 << 30, func(l *Limits) *int { return &l.Scalar }},
}

// Set changes one field of limits. Its error says what is allowed.
func (l Limit) Set(limits *Limits, value int) error {
	if value < l.Least || value > l.Most {
		return fmt.Errorf("write a whole number from %d to %d", l.Least, l.Most)
	}
	*l.Of(limits) = value
	return nil
}

// withDefaults fills the fields that are zero.
func (l Limits) withDefaults() Limits {
	for _, one := range All {
		if field := one.Of(&l); *field == 0 {
			*field = one.Default
		}
	}
	return l
}
