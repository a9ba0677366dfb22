package schema

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// formats are those where the library departs from the standard that the format names, or knows one that no draft has.
var formats = map[string]func(any) bool{
	"time":          ofText(func(s string) bool { return timeShape.MatchString(s) && jsonschema.Formats["time"](s) }),
	"date-time":     ofText(isDateTime),
	"email":         ofText(func(s string) bool { return isASCII(s) && jsonschema.Formats["email"](s) }),
	"idn-email":     ofText(func(s string) bool { return jsonschema.Formats["email"](s) }),
	"hostname":      ofText(isHostname),
	"ipv4":          ofText(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }),
	"ipv6":          ofText(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" }),
	"uri":           ofText(func(s string) bool { return isReference(s, false) && hasScheme(s) }),
	"uri-reference": ofText(func(s string) bool { return isReference(s, false) }),
	"iri":           ofText(func(s string) bool { return isReference(s, true) && hasScheme(s) }),
	"iri-reference": ofText(func(s string) bool { return isReference(s, true) }),
	"uri-template":  ofText(uriTemplate.MatchString),
	"regex":         ofText(isRegex),
	"ip-address":    ignored,
	"period":        ignored,
	"uriref":        ignored,
}

func knownFormat(name string) bool {
	_, known := jsonschema.Formats[name]
	_, ours := formats[name]
	return (known || ours) && name != "ip-address" && name != "period" && name != "uriref"
}

func ignored(any) bool { return true }

func ofText(is func(string) bool) func(any) bool {
	return func(v any) bool {
		s, ok := v.(string)
		return !ok || is(s)
	}
}

// timeShape is full-time of RFC 3339, section 5.6, but for the ranges of the numbers.
var timeShape = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`)

func isDateTime(s string) bool {
	return len(s) > 11 && isASCII(s) && (s[10] == 'T' || s[10] == 't') && jsonschema.Formats["date"](s[:10]) &&
		timeShape.MatchString(s[11:]) && jsonschema.Formats["time"](s[11:])
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// isHostname is RFC 1123, section 2.1, with the labels that RFC 5890, section 2.3.1, reserves for IDNA.
func isHostname(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !hostLabel.MatchString(label) || len(label) > 63 {
			return false
		}
		if len(label) > 3 && label[2:4] == "--" && !(strings.EqualFold(label[:2], "xn") && len(label) > 4) {
			return false
		}
	}
	return true
}

var hostLabel = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$`)

// isReference is URI-reference of RFC 3986, or IRI-reference of RFC 3987.
func isReference(s string, international bool) bool {
	for i, r := range s {
		switch {
		case r >= 0x80:
			if !international {
				return false
			}
		case r == '%':
			if !percent.MatchString(s[i:]) {
				return false
			}
		case r <= ' ' || r == 0x7f || strings.ContainsRune("\"<>\\^`{|}", r):
			return false
		}
	}
	rest, fragment, _ := strings.Cut(s, "#")
	if strings.ContainsAny(fragment, "#[]") {
		return false
	}
	if before, after, ok := strings.Cut(rest, "//"); ok && !strings.ContainsAny(before, "/?") { // an authority
		_, rest, _ = cutAny(after, "/?")
	}
	return !strings.ContainsAny(rest, "[]") && jsonschema.Formats["uri-reference"](s)
}

var percent = regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func hasScheme(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

// uriTemplate is RFC 6570, section 2.
var uriTemplate = func() *regexp.Regexp {
	const (
		name    = `(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*`
		spec    = name + `(?::[1-9][0-9]{0,3}|\*)?`
		literal = "[^\\x00-\\x20\"<>\\\\^`{|}%\\x7f]"
	)
	return regexp.MustCompile(`^(?:` + literal + `|%[0-9A-Fa-f]{2}|\{[+#./;?&=,!@|]?` + spec + `(?:,` + spec + `)*\})*$`)
}()

// isRegex is Pattern of ECMA-262, where a letter after a backslash must mean something.
func isRegex(s string) bool {
	t := ecma{src: []rune(s), strict: true}
	_, err := t.translate()
	return err == nil
}
