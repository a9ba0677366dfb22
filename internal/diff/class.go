package diff

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"unsafe"
)

// classes gives equal values the same number: comparing two of them is then a comparison of numbers. It is exact, no hash.
type classes struct {
	ids    map[string]int
	seen   map[unsafe.Pointer]seen // lists by their first item, mappings by themselves: each is looked at once
	weight []int                   // by class: how many values it holds, itself included
}

type seen struct{ class, length int }

func newClasses() *classes {
	return &classes{ids: map[string]int{}, seen: map[unsafe.Pointer]seen{}}
}

func (c *classes) of(v any) int {
	switch v := v.(type) {
	case map[string]any:
		return c.once(reflect.ValueOf(v).UnsafePointer(), len(v), func() int { return c.ofMapping(v) })
	case []any:
		if len(v) == 0 {
			return c.class([]byte("["), 1)
		}
		return c.once(unsafe.Pointer(&v[0]), len(v), func() int { return c.ofList(v) })
	case string:
		return c.class(append([]byte(`"`), v...), 1)
	case json.Number:
		return c.class([]byte(canonical(v)), 1)
	case bool:
		if v {
			return c.class([]byte("true"), 1)
		}
		return c.class([]byte("false"), 1)
	}
	return c.class([]byte("null"), 1)
}

// once gives the class of a list or mapping that was looked at before. Two lists may share their first item, not their length.
func (c *classes) once(at unsafe.Pointer, length int, look func() int) int {
	if s, ok := c.seen[at]; ok && s.length == length {
		return s.class
	}
	class := look()
	c.seen[at] = seen{class, length}
	return class
}

func (c *classes) ofList(list []any) int {
	key, weight := []byte("["), 1
	for _, item := range list {
		class := c.of(item)
		key = binary.AppendUvarint(key, uint64(class))
		weight += c.weight[class]
	}
	return c.class(key, weight)
}

func (c *classes) ofMapping(m map[string]any) int {
	key, weight := []byte("{"), 1
	for _, name := range slices.Sorted(maps.Keys(m)) {
		class := c.of(m[name])
		key = binary.AppendUvarint(key, uint64(len(name)))
		key = append(key, name...)
		key = binary.AppendUvarint(key, uint64(class))
		weight += c.weight[class]
	}
	return c.class(key, weight)
}

func (c *classes) class(key []byte, weight int) int {
	id, known := c.ids[string(key)]
	if !known {
		id = len(c.weight)
		c.ids[string(key)] = id
		c.weight = append(c.weight, weight)
	}
	return id
}

// all gives the classes of several values.
func (c *classes) all(list []any) []int {
	ids := make([]int, len(list))
	for i, v := range list {
		ids[i] = c.of(v)
	}
	return ids
}
