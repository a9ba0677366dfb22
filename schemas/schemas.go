// Package schemas holds the JSON Schemas (2020-12) that tamer publishes: of the policy .tamer.yaml, of the keywords that it
// adds to JSON Schema, of the settings of its server, of consumers, and of the objects that it writes to a sink.
package schemas

import (
	"embed"
	"fmt"
)

// FS holds each schema as NAME.schema.json: bundle, channel, consumer, keywords, release, settings and tamer, which is the policy's.
//
//go:embed *.schema.json
var FS embed.FS

// Read gives the bytes of a schema by its NAME. The error wraps fs.ErrNotExist where there is none.
func Read(name string) ([]byte, error) {
	b, err := FS.ReadFile(name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("read schema %q: %w", name, err)
	}
	return b, nil
}
