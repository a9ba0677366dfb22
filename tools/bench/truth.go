package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// truth holds what tamer has found against what was planted: each fault at its line, and nothing else.
func truth(args []string) error {
	if len(args) != 2 {
		return errors.New("truth takes TAMER.json and TRUTH.jsonl")
	}
	planted, err := plantedLines(args[1])
	if err != nil {
		return fmt.Errorf("read planted faults: %w", err)
	}
	found, err := foundLines(args[0])
	if err != nil {
		return fmt.Errorf("read findings of tamer: %w", err)
	}
	wrong := 0
	for _, both := range []struct {
		what      string
		one, than map[string]string
	}{{"planted and not found", planted, found}, {"found and not planted", found, planted}} {
		for _, place := range slices.Sorted(maps.Keys(both.one)) {
			if _, ok := both.than[place]; !ok {
				wrong++
				fmt.Printf("%s: %s: %s\n", place, both.what, both.one[place])
			}
		}
	}
	fmt.Printf("%d lines with a planted fault, %d with a finding, %d of either without the other\n", len(planted), len(found), wrong)
	if wrong > 0 {
		return errors.New("every planted fault is wanted at its line, and nothing else")
	}
	return nil
}

// plantedLines gives the kind of fault by file and line.
func plantedLines(name string) (map[string]string, error) {
	return plantedBy(name, func(f planted) string { return fmt.Sprintf("%s:%d", f.Path, f.Line) })
}

// foundLines gives the message by file and line.
func foundLines(name string) (map[string]string, error) {
	var out struct {
		Files []struct {
			Path     string
			Findings []struct {
				Rule, Message string
				Line          int
			}
		}
	}
	if err := readJSON(name, &out); err != nil {
		return nil, err
	}
	messages := map[string]string{}
	for _, f := range out.Files {
		for _, x := range f.Findings {
			messages[fmt.Sprintf("%s:%d", f.Path, x.Line)] = x.Message + " [" + x.Rule + "]"
		}
	}
	return messages, nil
}
