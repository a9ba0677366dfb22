package edit

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/document"
)

var errGone = errors.New("there is no such place")

// done gives what a document means after the step. Values are never changed, for aliases share them.
func (s step) done(root any) (any, error) {
	switch s.kind {
	case replace:
		return at(root, s.path, func(any) (any, error) { return s.value, nil })
	case remove:
		return without(root, s.path)
	case rename, move:
		value, ok := document.ValueAt(root, s.from)
		if !ok {
			return nil, errGone
		}
		rest, err := without(root, s.from)
		if err != nil {
			return nil, err
		}
		return with(rest, s.path, value)
	}
	return with(root, s.path, s.value)
}

// at gives a copy of a value in which change has been made to what is at the path.
func at(v any, path []string, change func(any) (any, error)) (any, error) {
	if len(path) == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case map[string]any:
		old, ok := v[path[0]]
		if !ok {
			return nil, errGone
		}
		below, err := at(old, path[1:], change)
		if err != nil {
			return nil, err
		}
		v = maps.Clone(v)
		v[path[0]] = below
		return v, nil
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v) {
			return nil, errGone
		}
		below, err := at(v[i], path[1:], change)
		if err != nil {
			return nil, err
		}
		v = slices.Clone(v)
		v[i] = below
		return v, nil
	}
	return nil, errGone
}

func without(root any, path []string) (any, error) {
	last := path[len(path)-1]
	return at(root, parent(path), func(v any) (any, error) {
		switch v := v.(type) {
		case map[string]any:
			v = maps.Clone(v)
			delete(v, last)
			return v, nil
		case []any:
			i, err := strconv.Atoi(last)
			if err != nil || i < 0 || i >= len(v) {
				return nil, errGone
			}
			return slices.Delete(slices.Clone(v), i, i+1), nil
		}
		return nil, errGone
	})
}

// with puts a value at a path where nothing is; mappings on the way are made, also in the place of null.
func with(v any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch v := v.(type) {
	case nil:
		return nested(path, value), nil
	case map[string]any:
		below := nested(path[1:], value)
		if old, has := v[path[0]]; has {
			var err error
			if below, err = with(old, path[1:], value); err != nil {
				return nil, err
			}
		}
		v = maps.Clone(v)
		v[path[0]] = below
		return v, nil
	case []any:
		i, err := strconv.Atoi(path[0])
		switch {
		case err != nil || i < 0 || i > len(v):
			return nil, errGone
		case len(path) == 1 || i == len(v):
			return slices.Insert(slices.Clone(v), i, nested(path[1:], value)), nil
		}
		below, err := with(v[i], path[1:], value)
		if err != nil {
			return nil, err
		}
		v = slices.Clone(v)
		v[i] = below
		return v, nil
	}
	return nil, errors.New("what is around it is no mapping or list")
}

// Value gives what a document means after a change, whatever it is written as. The value that was there is not changed.
func Value(root any, c Change) (any, error) {
	s := session{values: []any{root}}
	c.Document = 0
	steps, err := s.steps(c)
	if err != nil {
		return nil, err
	}
	for _, one := range steps {
		if root, err = one.done(root); err != nil {
			return nil, err
		}
	}
	return root, nil
}
