package document

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// isYesNo tells whether a scalar is one that YAML 1.1 took for a boolean, and YAML 1.2 takes for a text: yes, no, on or off
// without quotes. Many programs still read YAML 1.1 (yaml.org/type/bool.html).
func isYesNo(n *yaml.Node) bool {
	if len(n.Value) > 3 || len(n.Value) < 2 || n.Style&(quoted|yaml.TaggedStyle) != 0 {
		return false
	}
	switch n.Value {
	case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
		return true
	}
	return false
}

// maxYesNo bounds how many such values are told of.
const maxYesNo = 1000

// YesNo gives the tokens of the values that are written as yes, no, on or off without quotes, which are texts. Of those with an
// anchor it tells once, and of a thousand at most.
func (d *Document) YesNo() [][]string {
	if len(d.yesNo) == 0 {
		return nil
	}
	var all [][]string
	var walk func(n *yaml.Node, tokens []string)
	walk = func(n *yaml.Node, tokens []string) {
		below := func(token string) []string { return append(tokens[:len(tokens):len(tokens)], token) }
		switch n.Kind {
		case yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, below(strconv.Itoa(i)))
			}
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if name, ok := keyText(n.Content[i]); ok {
					walk(n.Content[i+1], below(name))
				}
			}
		case yaml.ScalarNode:
			if slices.Contains(d.yesNo, n) {
				all = append(all, tokens)
			}
		}
	}
	walk(d.root, nil)
	return all
}
