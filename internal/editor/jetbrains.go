package editor

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The file in which IDEs of JetBrains keep which schema describes which files (www.jetbrains.com/help/idea/json.html).
const (
	ideaFile  = ".idea/jsonSchemas.xml"
	ideaEmpty = `<?xml version="1.0" encoding="UTF-8"?>
<project version="4">
  <component name="JsonSchemaMappingsProjectConfiguration">
    <state>
      <map>
      </map>
    </state>
  </component>
</project>
`
	ideaPrefix = "tamer: " // of the names of entries that are written anew
)

// jetbrains sets up the IDEs of JetBrains, which know JSON Schema themselves. Entries of other names stay.
func jetbrains(r repository) ([]File, error) {
	was, err := r.read(ideaFile)
	if err != nil {
		return nil, err
	}
	text := was
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte(ideaEmpty)
	}
	now, err := withEntries(text, r.ideaEntries())
	if err != nil {
		return nil, fmt.Errorf("%s: %w: mend it, or remove it", ideaFile, err)
	}
	return []File{{ideaFile, was, now}}, nil
}

func (r repository) ideaEntries() string {
	var b strings.Builder
	for _, a := range r.schemas {
		name := xmlText(ideaPrefix + a.typ)
		fmt.Fprintf(&b, "        <entry key=\"%s\">\n          <value>\n            <SchemaInfo>\n", name)
		for _, o := range [][2]string{{"generatedName", a.typ}, {"name", ideaPrefix + a.typ}, {"relativePathToSchema", a.schema}} {
			fmt.Fprintf(&b, "              <option name=\"%s\" value=\"%s\" />\n", o[0], xmlText(o[1]))
		}
		b.WriteString("              <option name=\"patterns\">\n                <list>\n")
		for _, glob := range a.globs {
			fmt.Fprintf(&b, "                  <Item>\n                    <option name=\"pattern\" value=\"true\" />\n"+
				"                    <option name=\"path\" value=\"%s\" />\n                    <option name=\"mappingKind\" value=\"Pattern\" />\n                  </Item>\n", xmlText(glob))
		}
		b.WriteString("                </list>\n              </option>\n            </SchemaInfo>\n          </value>\n        </entry>\n")
	}
	return b.String()
}

func xmlText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // into memory
	return b.String()
}

// withEntries puts the entries at the end of the map, and takes away those that an earlier run has written.
func withEntries(text []byte, entries string) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	var (
		out         []byte
		path        []string
		done        int // up to here the text is in out
		entryAt     int64
		entryIsOurs bool
	)
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it holds no map of schemas")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if strings.Join(path, "/") == "project/component/state/map/entry" {
				entryAt, entryIsOurs = before, len(t.Attr) > 0 && strings.HasPrefix(t.Attr[0].Value, ideaPrefix)
			}
		case xml.EndElement:
			switch strings.Join(path, "/") {
			case "project/component/state/map/entry":
				if entryIsOurs {
					out = append(out, bytes.TrimRight(text[done:entryAt], " \t")...)
					done = int(d.InputOffset())
					done += len(text[done:]) - len(bytes.TrimLeft(text[done:], " \t\r"))
					if bytes.HasPrefix(text[done:], []byte("\n")) {
						done++
					}
				}
			case "project/component/state/map":
				end := max(int(before), done)
				rest := text[done:end]
				indent := rest[len(bytes.TrimRight(rest, " \t")):]
				out = append(append(out, rest[:len(rest)-len(indent)]...), entries...)
				return append(append(out, indent...), text[end:]...), nil
			}
			path = path[:len(path)-1]
		}
	}
}
