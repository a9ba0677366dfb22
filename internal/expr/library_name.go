package expr

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

var timeFunctions = []Function{
	{Name: "date", Form: "date(text)", About: "Time", Purpose: "the begin of a day, year-month-day, in UTC; a date with a time is taken too",
		Example: `date("2026-03-01") < date("2026-03-02") && date("2026-03-01") == timestamp("2026-03-01T00:00:00Z")`, args: []*cel.Type{cel.StringType}, result: cel.TimestampType, call: onText(date)},
	{Name: "timestamp", Form: "timestamp(text)", About: "Time", Purpose: "a point in time, as RFC 3339 writes it",
		Example: `timestamp("2026-03-01T08:00:00+01:00") == timestamp("2026-03-01T07:00:00Z")`},
	{Name: "duration", Form: "duration(text)", About: "Time", Purpose: "a span of time: h, m, s, ms; add it to points in time, and compare it with the difference of two",
		Example: `duration("1h30m") > duration("45m") && date("2026-03-01") + duration("24h") == date("2026-03-02")`},
	{Name: "days", Form: "days(n)", About: "Time", Purpose: "the span of so many days of 24 hours",
		Example: `date("2026-03-31") - date("2026-03-01") <= days(30)`, args: []*cel.Type{cel.IntType}, result: cel.DurationType, call: days},
	{Name: "clock", Form: "clock(text)", About: "Time", Purpose: "a time of day, hours:minutes or hours:minutes:seconds, as the span since midnight",
		Example: `clock("09:30") < clock("17:00")`, args: []*cel.Type{cel.StringType}, result: cel.DurationType, call: onText(clock)},
	{Name: "getDayOfWeek", Form: "time.getDayOfWeek()", About: "Time", Purpose: "the day of the week, 0 for Sunday; also getFullYear, getMonth (0 for January), getDayOfMonth (0 for the first), getDate, getHours, getMinutes, getSeconds, each with a time zone in brackets if you like",
		Example: `date("2026-03-01").getDayOfWeek() == 0 && date("2026-03-01").getDate() == 1`},
}

var nameFunctions = []Function{
	{Name: "version", Form: "version(text)", About: subjectNames, Purpose: "the parts of a version (semver.org): major, minor, patch, prerelease; a v before it and parts that are left out do no harm",
		Example: `version("v1.12.0-rc.1").minor == 12 && version("2").prerelease == ""`, args: []*cel.Type{cel.StringType}, result: cel.MapType(cel.StringType, cel.DynType), call: onText(versionParts)},
	{Name: "compareVersions", Form: "compareVersions(a, b)", About: subjectNames, Purpose: "-1 where a comes before b, 0 where they are the same, 1 where it comes after",
		Example: `compareVersions("1.9.0", "1.12.0") < 0 && compareVersions("1.0.0-rc.1", "1.0.0") < 0`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.IntType, call: onTexts(compareVersions)},
	{Name: "versionIn", Form: "versionIn(text, range)", About: subjectNames, Purpose: "whether the version is in a range: `<`, `<=`, `>`, `>=` or `=` before a version, several of them with spaces between, all of which must hold",
		Example: `versionIn("1.12.3", ">=1.9 <2") && !versionIn("2.0.0", ">=1.9 <2")`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.BoolType, call: onTexts(versionIn)},
	{Name: "url", Form: "url(text)", About: subjectNames, Purpose: "the parts of a whole URL: scheme, user, host, port, path, query (each name with the list of its values), fragment; the texts are empty where there is nothing",
		Example: `url("https://shop.example.com:8443/a?x=1").host == "shop.example.com" && url("https://example.com/?x=1").query.x == ["1"]`, args: []*cel.Type{cel.StringType}, result: cel.MapType(cel.StringType, cel.DynType), call: onText(urlParts)},
	{Name: "inNetwork", Form: "inNetwork(address, network)", About: subjectNames, Purpose: "whether an IP address lies in a network, which is written as address/bits",
		Example: `inNetwork("10.1.2.3", "10.0.0.0/8") && !inNetwork("fe80::1", "10.0.0.0/8")`, args: []*cel.Type{cel.StringType, cel.StringType}, result: cel.BoolType, call: onTexts(inNetwork)},
}

const subjectNames = "Versions, addresses and networks"

func date(text string) (ref.Val, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return types.Timestamp{Time: t}, nil
		}
	}
	return nil, fmt.Errorf("%q is no date: year-month-day, such as 2026-03-31", text)
}

func days(args []ref.Val) (ref.Val, error) {
	n, err := wholeArg(args[0])
	if err != nil {
		return nil, err
	}
	if n > 100_000 || n < -100_000 {
		return nil, fmt.Errorf("%d days are too many; at most 100000", n)
	}
	return types.Duration{Duration: time.Duration(n) * 24 * time.Hour}, nil
}

func clock(text string) (ref.Val, error) {
	for _, layout := range []string{"15:04", time.TimeOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return types.Duration{Duration: t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))}, nil
		}
	}
	return nil, fmt.Errorf("%q is no time of day, such as 09:30", text)
}

func urlParts(text string) (ref.Val, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return nil, fmt.Errorf("%q is no whole URL, such as https://example.com/path", text)
	}
	query := map[string]any{}
	for name, values := range u.Query() {
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		query[name] = list
	}
	return adapter{}.NativeToValue(map[string]any{
		"scheme": u.Scheme, "user": u.User.Username(), "host": u.Hostname(), "port": u.Port(),
		"path": u.Path, "query": query, "fragment": u.Fragment,
	}), nil
}

func inNetwork(address, network string) (ref.Val, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no IP address", address)
	}
	n, err := netip.ParsePrefix(network)
	if err != nil {
		return nil, fmt.Errorf("%q is no network, such as 10.0.0.0/8", network)
	}
	return types.Bool(n.Contains(a.Unmap())), nil
}

// A semver is a version by semver.org/spec/v2.0.0.
type semver struct {
	numbers    [3]uint64
	prerelease string
}

func parseVersion(text string) (semver, error) {
	var v semver
	bare, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "+") // what follows a plus does not order versions
	core, prerelease, dashed := strings.Cut(bare, "-")
	parts := strings.Split(core, ".")
	ok := len(parts) <= 3 && (!dashed || prerelease != "")
	for i := 0; ok && i < len(parts); i++ {
		n, err := strconv.ParseUint(parts[i], 10, 63)
		v.numbers[i], ok = n, err == nil
	}
	for _, id := range strings.Split(prerelease, ".") {
		ok = ok && (id != "" || !dashed) && !strings.ContainsFunc(id, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
	}
	if !ok {
		return semver{}, fmt.Errorf("%q is no version, such as 1.2.3", text)
	}
	v.prerelease = prerelease
	return v, nil
}

// compare orders versions as item 11 of the specification says.
func (v semver) compare(o semver) int {
	for i, n := range v.numbers {
		if n != o.numbers[i] {
			return sign(n < o.numbers[i])
		}
	}
	if v.prerelease == o.prerelease {
		return 0
	}
	if v.prerelease == "" || o.prerelease == "" {
		return sign(v.prerelease != "") // the release comes after what led to it
	}
	a, b := strings.Split(v.prerelease, "."), strings.Split(o.prerelease, ".")
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		m, errA := strconv.ParseUint(a[i], 10, 64)
		n, errB := strconv.ParseUint(b[i], 10, 64)
		switch {
		case errA == nil && errB == nil:
			return sign(m < n)
		case errA == nil || errB == nil:
			return sign(errA == nil) // numbers come before words
		}
		return sign(a[i] < b[i])
	}
	return sign(len(a) < len(b))
}

func sign(before bool) int {
	if before {
		return -1
	}
	return 1
}

func versionParts(text string) (ref.Val, error) {
	v, err := parseVersion(text)
	if err != nil {
		return nil, err
	}
	return adapter{}.NativeToValue(map[string]any{
		"major": int64(v.numbers[0]), "minor": int64(v.numbers[1]), "patch": int64(v.numbers[2]), "prerelease": v.prerelease,
	}), nil
}

func compareVersions(a, b string) (ref.Val, error) {
	v, err := parseVersion(a)
	if err != nil {
		return nil, err
	}
	o, err := parseVersion(b)
	if err != nil {
		return nil, err
	}
	return types.Int(v.compare(o)), nil
}

func versionIn(text, within string) (ref.Val, error) {
	v, err := parseVersion(text)
	if err != nil {
		return nil, err
	}
	for bound := range strings.FieldsSeq(within) {
		rest := strings.TrimLeft(bound, "<>=")
		o, err := parseVersion(rest)
		if err != nil {
			return nil, err
		}
		n, holds := v.compare(o), false
		switch sign := bound[:len(bound)-len(rest)]; sign {
		case "<":
			holds = n < 0
		case "<=":
			holds = n <= 0
		case ">":
			holds = n > 0
		case ">=":
			holds = n >= 0
		case "", "=", "==":
			holds = n == 0
		default:
			return nil, fmt.Errorf("%q is no bound of a range, such as >=1.2", bound)
		}
		if !holds {
			return types.False, nil
		}
	}
	return types.True, nil
}
