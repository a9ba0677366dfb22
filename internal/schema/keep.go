package schema

import "sync"

// Keep gives what make has made for the key, which is a type of the caller's own: it is made once for each schema, and lives as
// long as the schema does. make must not call Keep with the same key.
func (s *Schema) Keep(key any, make func() any) any {
	once, _ := s.kept.LoadOrStore(key, sync.OnceValue(make))
	return once.(func() any)()
}
