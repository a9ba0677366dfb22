package compat

import (
	"encoding/json"
	"math/big"
	"strings"
)

// A span is what the facts leave of the numbers.
type span struct {
	low, high         *big.Rat // nil: no bound
	lowOpen, highOpen bool
	of, notOf         []*big.Rat
	except            map[string]bool
}

// number finds a number of which the facts of the branch hold.
func (b *branch) number() result {
	s := span{except: map[string]bool{}}
	for _, f := range b.facts {
		switch f := f.(type) {
		case bound:
			s.narrow(f)
		case multiple:
			if f.not {
				s.notOf = append(s.notOf, f.of)
			} else {
				s.of = append(s.of, f.of)
			}
		case differs:
			if n, ok := f.from.(json.Number); ok {
				s.except[ratOf(n).RatString()] = true
			}
		}
	}
	if s.low != nil && s.high != nil {
		if c := s.low.Cmp(s.high); c > 0 || c == 0 && (s.lowOpen || s.highOpen) {
			return result{}
		}
	}
	if len(s.of) > 0 {
		return b.grid(s)
	}
	return b.line(s)
}

func (s *span) narrow(f bound) {
	if f.upper {
		if s.high == nil || f.at.Cmp(s.high) < 0 {
			s.high, s.highOpen = f.at, f.open
		} else if f.at.Cmp(s.high) == 0 {
			s.highOpen = s.highOpen || f.open
		}
		return
	}
	if s.low == nil || f.at.Cmp(s.low) > 0 {
		s.low, s.lowOpen = f.at, f.open
	} else if f.at.Cmp(s.low) == 0 {
		s.lowOpen = s.lowOpen || f.open
	}
}

func (s *span) contains(x *big.Rat) bool {
	if s.low != nil {
		if c := x.Cmp(s.low); c < 0 || c == 0 && s.lowOpen {
			return false
		}
	}
	if s.high != nil {
		if c := x.Cmp(s.high); c > 0 || c == 0 && s.highOpen {
			return false
		}
	}
	for _, m := range s.notOf {
		if new(big.Rat).Quo(x, m).IsInt() {
			return false
		}
	}
	return !s.except[x.RatString()]
}

// maxTried bounds how many multiples are tried.
const maxTried = 5000

// grid looks among the common multiples of s.of. Which of them are multiples of s.notOf too repeats itself: after one round,
// and one more for each excluded number, all has been tried.
func (b *branch) grid(s span) result {
	l := s.of[0]
	for _, m := range s.of[1:] {
		l = lcm(l, m)
	}
	round := big.NewInt(1)
	for _, m := range s.notOf {
		n := new(big.Rat).Quo(lcm(l, m), l).Num()
		if n.Cmp(big.NewInt(1)) == 0 {
			return result{}
		}
		round = lcmInt(round, n)
	}
	limit := new(big.Int).Mul(round, big.NewInt(int64(len(s.except)+1)))
	k, step := new(big.Int), big.NewInt(1)
	switch {
	case s.low != nil:
		k = ceil(new(big.Rat).Quo(s.low, l))
		limit.Add(limit, big.NewInt(1)) // the bound itself may be outside
	case s.high != nil:
		k = ceil(new(big.Rat).Neg(new(big.Rat).Quo(s.high, l)))
		k.Neg(k)
		step.Neg(step)
		limit.Add(limit, big.NewInt(1))
	}
	for tried := 0; ; tried++ {
		if limit.Cmp(big.NewInt(int64(tried))) <= 0 {
			return result{}
		}
		if tried >= maxTried || tried%16 == 15 && !b.step(1) {
			return result{status: unsure}
		}
		x := new(big.Rat).Mul(l, new(big.Rat).SetInt(k))
		if s.low != nil && s.high != nil && x.Cmp(s.high) > 0 {
			return result{}
		}
		if s.contains(x) {
			return b.written(x)
		}
		k.Add(k, step)
	}
}

// line looks among all numbers. Only some are excluded by the rest, so there is always one between two bounds.
func (b *branch) line(s span) result {
	low, width := new(big.Rat), one
	switch {
	case s.low != nil && s.high != nil:
		low, width = s.low, new(big.Rat).Sub(s.high, s.low)
		if width.Sign() == 0 {
			if s.contains(low) {
				return b.written(low)
			}
			return result{}
		}
	case s.low != nil:
		low = s.low
	case s.high != nil:
		low, width = s.high, big.NewRat(-1, 1)
	}
	for _, x := range []*big.Rat{new(big.Rat), one, low, new(big.Rat).Add(low, width), new(big.Rat).Add(low, one)} {
		if s.contains(x) {
			return b.written(x)
		}
	}
	part := width
	for range 64 + len(s.except) {
		part = new(big.Rat).Mul(part, big.NewRat(1, 2))
		if x := new(big.Rat).Add(low, part); s.contains(x) {
			return b.written(x)
		}
	}
	return result{status: unsure}
}

func ceil(r *big.Rat) *big.Int {
	q, m := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if m.Sign() != 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// lcm is the least common multiple of two positive fractions.
func lcm(a, b *big.Rat) *big.Rat {
	num := lcmInt(new(big.Int).Mul(a.Num(), b.Denom()), new(big.Int).Mul(b.Num(), a.Denom()))
	return new(big.Rat).SetFrac(num, new(big.Int).Mul(a.Denom(), b.Denom()))
}

func lcmInt(a, b *big.Int) *big.Int {
	g := new(big.Int).GCD(nil, nil, a, b)
	return new(big.Int).Div(new(big.Int).Mul(a, b), g)
}

// maxDigits bounds the digits after the point of a number that is shown.
const maxDigits = 500

// written gives a number as JSON writes it.
func (b *branch) written(x *big.Rat) result {
	if x.IsInt() {
		return result{found, json.Number(x.Num().String())}
	}
	digits, exact := x.FloatPrec()
	if !exact || digits > maxDigits {
		return result{status: unsure}
	}
	return result{found, json.Number(strings.TrimRight(x.FloatString(digits), "0"))}
}
