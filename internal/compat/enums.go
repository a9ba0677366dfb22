package compat

import (
	"encoding/json"

	"github.com/tamerhq/tamer/internal/schema"
)

// Enums are the values of enum, in canonical form: the engine goes through a list from its beginning to its end for each value.
type enums map[*schema.Node]map[string]bool

func (e enums) of(n *schema.Node) map[string]bool {
	list, made := e[n]
	if !made {
		list = map[string]bool{}
		for _, v := range n.Enum {
			list[canonical(v)] = true
		}
		e[n] = list
	}
	return list
}

// lists tells whether a schema that was written judges by nothing but enum and type.
func lists(n *schema.Node) bool {
	for word := range n.Raw {
		if (judging[word] || word == "format") && word != "enum" && word != "type" && word != "$schema" && word != "$defs" && word != "definitions" {
			return false
		}
	}
	return n.Unclear == ""
}

func isOfType(n *schema.Node, v any) bool {
	if n.Types == nil {
		return true
	}
	allowed, whole := allows(n, kindOf(v))
	number, _ := v.(json.Number)
	return allowed && (!whole || ratOf(number).IsInt())
}
