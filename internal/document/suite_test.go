package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/golden"
)

// A suiteCase is one case of the public suite of YAML: a stream, and the JSON values that it means, or that it is no YAML.
type suiteCase struct {
	ID, YAML string
	JSON     *string // the documents one after the other; nil where JSON cannot hold the value
	Fail     bool
}

// deviations says why a case of the suite is not judged as the suite does:
//
//   - anchor: the parsers take an anchor's name to hold letters, digits, "-" and "_" only;
//   - indentation: lines of a quoted or bracketed value may begin as far left as their key, which people write;
//   - key: the suite has a list, a mapping or nothing as a key, or one key twice, which configuration cannot have;
//   - marker: the parsers do not see "..." in a text that begins in the first column;
//   - tag: the suite drops the tags of applications, which tamer refuses to do.
var deviations = map[string]string{
	"2JQS": "key", "4FJ6": "key", "6BFJ": "key", "6PBE": "key", "9MMW": "key", "KK5P": "key", "LX3P": "key", "M2N8/00": "key",
	"M2N8/01": "key", "M5DY": "key", "Q9WF": "key", "RZP5": "key", "SBG9": "key", "V9D5": "key", "X38W": "key", "XW4D": "key",
	"2SXE": "anchor", "8XYN": "anchor", "W5VH": "anchor", "Y2GN": "anchor",
	"9C9N": "indentation", "DK95/01": "indentation", "QB6E": "indentation", "S98Z": "indentation", "Y79Y/03": "indentation",
	"W4TN": "marker",
	"5TYM": "tag", "6CK3": "tag", "6WLZ": "tag", "7FWL": "tag", "9WXW": "tag", "C4HZ": "tag", "CC74": "tag",
	"CUP7": "tag", "M5C3": "tag", "P76L": "tag", "UGM3": "tag", "Z67P": "tag", "Z9M4": "tag",
}

// The public suite of YAML 1.2 is judged as it says, but for the cases in the golden file.
func TestSuite(t *testing.T) {
	path := golden.Fetched(t, "TAMER_YAML_SUITE", "tools/suites/fetch")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var cases []suiteCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 402 {
		t.Errorf("the suite has %d cases, want 402 or more", len(cases))
	}
	var got strings.Builder
	for _, c := range cases {
		if how := judged(c); how != "" {
			if deviations[c.ID] == "" {
				t.Errorf("%s is %s, and there is no reason for it", c.ID, how)
			}
			fmt.Fprintf(&got, "%s %s: %s\n", c.ID, how, deviations[c.ID])
		}
	}
	golden.Check(t, "testdata/suite.golden", got.String())
}

// judged tells in which way a case is not judged as the suite says; empty where it is.
func judged(c suiteCase) string {
	docs, found := Parse([]byte(c.YAML), Limits{})
	switch {
	case c.Fail && len(found) == 0:
		return "accepted"
	case c.Fail:
		return ""
	case len(found) > 0:
		return "refused"
	case c.JSON == nil:
		return ""
	}
	var want []any
	for dec := json.NewDecoder(strings.NewReader(*c.JSON)); ; {
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "unreadable"
		}
		want = append(want, v)
	}
	if len(want) == 0 && len(docs) == 1 && docs[0].Value == nil {
		return "" // a stream without a document: tamer reads null
	}
	var got []any
	for _, d := range docs {
		got = append(got, d.Value)
	}
	if !bytes.Equal(canonical(got), canonical(want)) {
		return "value"
	}
	return ""
}

// canonical is the JSON of a value with each number as a fraction, so that 1.0 equals 1.
func canonical(v any) []byte {
	out, err := json.Marshal(fractions(v))
	if err != nil {
		return []byte(err.Error())
	}
	return out
}

func fractions(v any) any {
	switch v := v.(type) {
	case json.Number:
		r, ok := new(big.Rat).SetString(v.String())
		if !ok {
			return v
		}
		return map[string]any{"number": r.String()}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = fractions(item)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, item := range v {
			m[k] = fractions(item)
		}
		return m
	}
	return v
}
