package expr

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const (
	maxPattern        = 1000 // bytes of a pattern
	maxProgram        = 5000 // steps of the program that a pattern compiles to
	maxKeptPatterns   = 1000 // compiled patterns that are kept
	stepsPerCost      = 100  // steps of a match, at worst, that cost as much as one look at a value
	costOfPatternByte = 20
	maxMatched        = 1 << 16 // bytes of a text that is matched
)

// patterns compiles regular expressions (RE2, as CEL has it: linear time), and keeps them. Safe for concurrent use.
type patterns struct {
	mu   sync.Mutex
	kept map[string]*pattern
}

type pattern struct {
	*regexp.Regexp
	steps int // of its program
}

// regexps are those of the whole process.
var regexps = &patterns{kept: map[string]*pattern{}}

// compile gives the pattern, or says in words what is wrong with it.
func (p *patterns) compile(source string) (*pattern, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.kept[source]; ok {
		return known, nil
	}
	if len(source) > maxPattern {
		return nil, fmt.Errorf("the pattern has %d bytes; at most %d are allowed", len(source), maxPattern)
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %s", source, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	steps := stepsOf(parsed)
	if steps > maxProgram {
		return nil, fmt.Errorf("the pattern %q is too large: write smaller numbers of repetitions", source)
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %w", source, err)
	}
	if len(p.kept) >= maxKeptPatterns {
		clear(p.kept)
	}
	out := &pattern{Regexp: re, steps: steps}
	p.kept[source] = out
	return out, nil
}

// stepsOf is about how many steps the program of a pattern has: what is repeated counts as often as it is written out. It tells
// before the program is made, which would take long for a large one.
func stepsOf(re *syntax.Regexp) int {
	if re.Op == syntax.OpLiteral {
		return len(re.Rune)
	}
	steps := 1
	for _, below := range re.Sub {
		steps += stepsOf(below)
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(re.Min, re.Max, 1)
	}
	return min(steps, maxProgram+1)
}

// costOfPattern is what it may cost to compile a pattern.
func costOfPattern(v ref.Val) uint64 {
	source, _ := v.(types.String)
	return uint64(min(len(source), maxPattern)) * costOfPatternByte
}

// costOfMatch is what a match of the text args[0] by the pattern args[1] may cost. What cannot be matched costs one.
func costOfMatch(args []ref.Val) uint64 {
	text, ok := args[0].(types.String)
	source, ok2 := args[1].(types.String)
	if !ok || !ok2 {
		return 1
	}
	re, err := regexps.compile(string(source))
	if err != nil {
		return 1
	}
	return 1 + uint64(re.steps)*uint64(len(text))/stepsPerCost
}

// matchArgs reads the text and the pattern of a call.
func matchArgs(args []ref.Val) (text string, re *pattern, err error) {
	if text, err = textArg(args[0]); err != nil {
		return "", nil, err
	}
	if len(text) > maxMatched {
		return "", nil, fmt.Errorf("the text has %d bytes; at most %d can be matched", len(text), maxMatched)
	}
	source, err := textArg(args[1])
	if err != nil {
		return "", nil, err
	}
	re, err = regexps.compile(source)
	return text, re, err
}

func matches(args []ref.Val) (ref.Val, error) {
	text, re, err := matchArgs(args)
	if err != nil {
		return nil, err
	}
	return types.Bool(re.MatchString(text)), nil
}

// capture gives what the groups of the pattern caught, and without groups the whole match; an empty list where nothing matches.
func capture(args []ref.Val) (ref.Val, error) {
	text, re, err := matchArgs(args)
	if err != nil {
		return nil, err
	}
	found := re.FindStringSubmatch(text)
	if len(found) > 1 {
		found = found[1:]
	}
	return types.NewStringList(adapter{}, found), nil
}

func costOfGlob(args []ref.Val) uint64 {
	text, ok := args[0].(types.String)
	form, ok2 := args[1].(types.String)
	if !ok || !ok2 {
		return 1
	}
	return 1 + uint64(len(text))*uint64(len(form))/stepsPerCost
}

// glob matches a whole text: * stands for any characters but a slash, ** for any characters, ? for one that is no slash.
func glob(args []ref.Val) (ref.Val, error) {
	text, err := textArg(args[0])
	if err != nil {
		return nil, err
	}
	form, err := textArg(args[1])
	if err != nil {
		return nil, err
	}
	return types.Bool(globMatch([]rune(text), []rune(form))), nil
}

// globMatch keeps, for each part of the form, which beginnings of the text it covers: time is their product, never more.
func globMatch(text, form []rune) bool {
	covers := make([]bool, len(text)+1)
	covers[0] = true
	for i := 0; i < len(form); i++ {
		next := make([]bool, len(text)+1)
		many := form[i] == '*'
		across := many && i+1 < len(form) && form[i+1] == '*'
		if across {
			i++
		}
		next[0] = many && covers[0]
		for n, r := range text {
			switch {
			case many:
				next[n+1] = covers[n+1] || next[n] && (across || r != '/')
			case form[i] == '?':
				next[n+1] = covers[n] && r != '/'
			default:
				next[n+1] = covers[n] && r == form[i]
			}
		}
		covers = next
	}
	return covers[len(text)]
}
