package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// peer copies a corpus in the form that kubeconform insists on: "apiVersion: v1" in each file, and allowed by each schema.
// No line is changed, so a fault stays a fault.
func peer(args []string) error {
	if len(args) != 2 {
		return errors.New("peer takes CORPUS and COPY")
	}
	from := os.DirFS(args[0])
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(args[1], filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		src, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(name, "customers/"):
			src = withAPIVersion(src)
		case strings.HasPrefix(name, "schemas/"):
			if src, err = allowAPIVersion(src); err != nil {
				return fmt.Errorf("change schema %s: %w", name, err)
			}
		}
		return os.WriteFile(to, src, 0o644)
	})
}

// withAPIVersion puts the line before the first that is neither a comment nor the start of the document.
func withAPIVersion(src []byte) []byte {
	at := 0
	for line := range bytes.Lines(src) {
		if line[0] != '#' && !bytes.HasPrefix(line, []byte("---")) {
			break
		}
		at += len(line)
	}
	return append(append(bytes.Clone(src[:at]), "apiVersion: v1\n"...), src[at:]...)
}

func allowAPIVersion(src []byte) ([]byte, error) {
	var schema map[string]any
	if err := json.Unmarshal(src, &schema); err != nil {
		return nil, err
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return nil, errors.New("it has no properties")
	}
	properties["apiVersion"] = map[string]any{"const": "v1"}
	return json.MarshalIndent(schema, "", "  ")
}
