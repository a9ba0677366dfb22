package schema

import "github.com/santhosh-tekuri/jsonschema/v5"

// A Pattern is a regular expression of a schema, as ECMA-262 means it. It is safe for concurrent use.
type Pattern struct{ p *pattern }

// NewPattern compiles a pattern; the error says in words for people what is wrong with it.
func NewPattern(source string) (*Pattern, error) {
	p, err := compilePattern(source)
	if err != nil {
		return nil, err
	}
	return &Pattern{p}, nil
}

// Source is the pattern as it is written.
func (p *Pattern) Source() string { return p.p.source }

// Linear is the pattern in the words of package regexp; "" for one that needs backtracking.
func (p *Pattern) Linear() string {
	if p.p.linear == nil {
		return ""
	}
	if p.p.text != "" {
		return p.p.text
	}
	return "(?:)"
}

// Match tells whether the pattern is found in a text. Known is false where the search took too long.
func (p *Pattern) Match(s string) (matches, known bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, slow := r.(tooSlow); !slow {
				panic(r)
			}
		}
	}()
	return p.p.match(s), true
}

// Sample gives a text that the pattern matches; "" where none is found.
func (p *Pattern) Sample() string { return sample(p.p.source) }

// HasFormat tells whether a text has a format, by the same judgement as a schema's; true for a format that nobody knows.
func HasFormat(name, text string) bool {
	if is, ok := formats[name]; ok {
		return is(text)
	}
	if is, ok := jsonschema.Formats[name]; ok {
		return is(text)
	}
	return true
}
