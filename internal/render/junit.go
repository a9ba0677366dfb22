package render

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Out     *junitText    `xml:"system-out"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	junitText
}

// junitText is escaped already, with line ends as they are: encoding/xml would write each as &#xA;.
type junitText struct {
	Text string `xml:",innerxml"`
}

// asText escapes a text for XML. Characters that XML cannot hold become U+FFFD.
func asText(text string) junitText {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return junitText{strings.ReplaceAll(b.String(), "&#xA;", "\n")}
}

// JUnit writes a result as JUnit's XML: a suite for each directory and in it a test for each file. A file that fails has one
// failure, for not every reader takes several, whose text holds all of its failures. Warnings and notices are its output.
func JUnit(w io.Writer, r validate.Result, _ Options) error {
	var (
		suites []*junitSuite
		in     = map[string]*junitSuite{}
		all    junitSuite
	)
	for file, found := range byFile(r) {
		dir := suiteOf(file)
		s := in[dir]
		if s == nil {
			s = &junitSuite{Name: dir}
			in[dir] = s
			suites = append(suites, s)
		}
		c := testOf(dir, file, found)
		s.Cases = append(s.Cases, c)
		s.Tests++
		all.Tests++
		if c.Failure != nil {
			s.Failures++
			all.Failures++
		}
	}
	b := bufio.NewWriter(w)
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(b)
	enc.Indent("", "  ")
	top := xml.StartElement{Name: xml.Name{Local: "testsuites"}, Attr: []xml.Attr{
		attribute("name", "tamer check"), attribute("tests", strconv.Itoa(all.Tests)),
		attribute("failures", strconv.Itoa(all.Failures)), attribute("errors", "0"),
	}}
	if err := enc.EncodeToken(top); err != nil {
		return err
	}
	for _, s := range suites {
		if err := enc.Encode(s); err != nil {
			return err
		}
	}
	if err := enc.EncodeToken(top.End()); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	b.WriteByte('\n')
	return b.Flush()
}

func attribute(name, value string) xml.Attr {
	return xml.Attr{Name: xml.Name{Local: name}, Value: value}
}

// suiteOf names the suite of a file: its directory.
func suiteOf(file string) string {
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return "tamer check"
}

func testOf(dir, file string, found []finding.Finding) junitCase {
	c := junitCase{Class: dir, Name: path.Base(file), File: file}
	if file == "" {
		c.Name = "the change"
	}
	var failures []finding.Finding
	var text, out strings.Builder
	for _, f := range found {
		into := &out
		if f.Level == finding.Failure {
			failures, into = append(failures, f), &text
		}
		if file != "" {
			into.WriteString(visible(place(f)) + ": ")
		}
		fmt.Fprintf(into, "%s: %s [%s]\nfix: %s\n", f.Level, visible(f.Message), f.Rule, visible(f.Fix))
		for line := range related(f) {
			into.WriteString("see: " + visible(line) + "\n")
		}
	}
	if out.Len() > 0 {
		text := asText(out.String())
		c.Out = &text
	}
	switch len(failures) {
	case 0:
		return c
	case 1:
		c.Failure = &junitFailure{Type: failures[0].Rule, Message: visible(failures[0].Message)}
	default:
		c.Failure = &junitFailure{Type: failures[0].Rule, Message: fmt.Sprintf("%s; the first: %s", many(len(failures), "failure"), visible(failures[0].Message))}
	}
	c.Failure.junitText = asText(text.String())
	return c
}
