package compat

import "github.com/tamerhq/tamer/internal/schema"

// widerFormats gives the formats that every text of a format has too.
var widerFormats = map[string][]string{
	"uri":           {"uri-reference", "iri", "iri-reference"},
	"uri-reference": {"iri-reference"},
	"iri":           {"iri-reference"},
}

// formatShapes are patterns that every text of a format matches, so that lengths and patterns can be held against formats.
var formatShapes = func() map[string]*schema.Pattern {
	out := map[string]*schema.Pattern{}
	for name, source := range map[string]string{
		"date":      `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`,
		"time":      `^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`,
		"date-time": `^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`,
		"ipv4":      `^[0-9]{1,3}(\.[0-9]{1,3}){3}$`,
		"uuid":      `^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`,
	} {
		p, err := schema.NewPattern(source)
		if err != nil {
			panic(err) // the patterns are written above
		}
		out[name] = p
	}
	return out
}()

// formatSamples are texts that have a format.
var formatSamples = map[string][]string{
	"date":                  {"2026-01-31", "1999-12-31"},
	"time":                  {"09:30:00Z", "23:59:59.5+01:00"},
	"date-time":             {"2026-01-31T09:30:00Z", "2026-01-31T09:30:00.25+01:00"},
	"duration":              {"P1D", "PT36H"},
	"email":                 {"me@example.com", "a@b.example"},
	"idn-email":             {"me@example.com", "ö@example.com"},
	"hostname":              {"example.com", "a", "www.example.com"},
	"idn-hostname":          {"example.com", "a"},
	"ipv4":                  {"192.0.2.1", "1.2.3.4"},
	"ipv6":                  {"2001:db8::1", "::1"},
	"uri":                   {"https://example.com/a", "a:b", "urn:x:y"},
	"uri-reference":         {"https://example.com/a", "/a", "a", ""},
	"iri":                   {"https://example.com/a", "https://example.com/ä"},
	"iri-reference":         {"/a", "https://example.com/ä", "ä"},
	"uri-template":          {"/a/{b}", "/a"},
	"uuid":                  {"123e4567-e89b-12d3-a456-426614174000"},
	"json-pointer":          {"/a", "/a/b", ""},
	"relative-json-pointer": {"0", "1/a"},
	"regex":                 {"^a$", "a"},
}
