package schema

// Certainly tells whether nothing is wrong with a value, as far as that can be seen at little cost: false says nothing.
func (s *Schema) Certainly(value any) bool { return s.quick.accepts(value) }
