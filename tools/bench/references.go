package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// references writes the references of a corpus, which its generator describes in references.json, as the policy of the repository.
func references(args []string) error {
	if len(args) != 1 {
		return errors.New("references takes CORPUS")
	}
	b, err := os.ReadFile(filepath.Join(args[0], "references.json"))
	if err != nil {
		return err
	}
	var described struct {
		References []struct{ From, Pointer, To, Target, Scope string }
	}
	if err := json.Unmarshal(b, &described); err != nil {
		return fmt.Errorf("read references.json: %w", err)
	}
	if len(described.References) == 0 {
		return errors.New("references.json has none")
	}
	var out strings.Builder
	out.WriteString("references:\n")
	for _, r := range described.References {
		fmt.Fprintf(&out, "  - from: {type: %s, path: %q}\n    to: {type: %s, path: %q}\n    scope: %s\n", r.From, r.Pointer, r.To, r.Target, r.Scope)
	}
	return os.WriteFile(filepath.Join(args[0], ".tamer.yaml"), []byte(out.String()), 0o644)
}
