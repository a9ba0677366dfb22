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
	maxPattern        = 1000     // bytes of a pattern
	maxProgram        = 5000     // steps of the program that a pattern compiles to
	maxPatterns       = 4 << 20  // estimated bytes of the compiled patterns that are written out in one expression
	maxKeptPatterns   = 16 << 20 // estimated bytes of all compiled patterns that are kept
	stepsPerCost      = 100      // steps of a match, at worst, that cost as much as one look at a value
	costOfPatternByte = 20
	maxMatched        = 1 << 16 // bytes of a text that is matched

	// What a compiled pattern takes for each step, and for each end of a range of characters; measured while it is compiled.
	bytesPerStep = 200
	bytesPerRune = 12

	// maxOnePass bounds what the second program of a pattern may take, with so many bytes for each end of a range in each step.
	maxOnePass        = 64 << 10
	bytesPerFollowing = 6
)

// anywhere stands before a pattern and means nothing. Without it, package regexp may make a second program of what begins with
// "^", in which every step holds all characters that can follow: up to two hundred times as large.
const anywhere = `(?:^|)`

// patterns compiles regular expressions (RE2, as CEL has it: linear time), and keeps them. Safe for concurrent use.
type patterns struct {
	mu   sync.Mutex
	kept map[string]*pattern
	size int // of all that are kept
}

type pattern struct {
	*regexp.Regexp
	extent
}

// regexps are those of the whole process.
var regexps = &patterns{}

// compile gives the pattern, or says in words what is wrong with it. Nobody waits for somebody else's.
func (p *patterns) compile(source string) (*pattern, error) {
	if known, ok := p.get(source); ok {
		return known, nil
	}
	large, err := extentOf(source)
	if err != nil {
		return nil, err
	}
	text := source
	if large.onePass() > maxOnePass {
		text = anywhere + source
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %w", source, err)
	}
	out := &pattern{Regexp: re, extent: large}
	p.put(source, out)
	return out, nil
}

func (p *patterns) get(source string) (*pattern, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.kept[source]
	return known, ok
}

// put keeps a pattern. Where all would be too large then, the others are forgotten.
func (p *patterns) put(source string, compiled *pattern) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.kept[source]; again {
		return
	}
	size := compiled.bytes() + len(source)
	if p.kept == nil || p.size+size > maxKeptPatterns {
		p.kept, p.size = map[string]*pattern{}, 0
	}
	p.kept[source] = compiled
	p.size += size
}

// An extent is about how large the program of a pattern is. It is told before the program is made, which would take long for a
// large one.
type extent struct {
	steps int // what is repeated counts as often as it is written out
	runes int // ends of the ranges of characters, which what is repeated shares
}

func (e extent) bytes() int {
	n := bytesPerStep*(2+e.steps) + bytesPerRune*e.runes
	if more := e.onePass(); more <= maxOnePass {
		n += more
	}
	return n
}

func (e extent) onePass() int { return bytesPerFollowing * e.steps * e.runes }

// extentOf reads a pattern, or says in words what is wrong with it.
func extentOf(source string) (extent, error) {
	if len(source) > maxPattern {
		return extent{}, fmt.Errorf("the pattern has %d bytes; at most %d are allowed", len(source), maxPattern)
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return extent{}, fmt.Errorf("%q is no regular expression: %s", source, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	large := extentOfParsed(parsed)
	if large.steps > maxProgram {
		return extent{}, fmt.Errorf("the pattern %q is too large: write smaller numbers of repetitions", source)
	}
	return large, nil
}

func extentOfParsed(re *syntax.Regexp) extent {
	switch re.Op {
	case syntax.OpLiteral:
		return extent{steps: len(re.Rune), runes: 2 * len(re.Rune)}
	case syntax.OpCharClass:
		return extent{steps: 1, runes: len(re.Rune)}
	}
	all := extent{steps: 1}
	for _, sub := range re.Sub {
		below := extentOfParsed(sub)
		all.steps += below.steps
		all.runes += below.runes
	}
	if re.Op == syntax.OpRepeat {
		all.steps *= max(re.Min, re.Max, 1)
	}
	all.steps = min(all.steps, maxProgram+1)
	return all
}

// costOfCompiling is what it costs to make the program of a pattern.
func (e extent) costOfCompiling() uint64 { return uint64(e.bytes()) / bytesPerStep }

// costOfPattern is what it may cost to compile a pattern.
func costOfPattern(v ref.Val) uint64 {
	source, _ := v.(types.String)
	cost := uint64(min(len(source), maxPattern)) * costOfPatternByte
	if large, err := extentOf(string(source)); err == nil {
		cost += large.costOfCompiling()
	}
	return cost
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
