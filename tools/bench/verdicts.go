package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// shown is how many different verdicts are printed.
const shown = 20

// verdicts compares what both say about each file of a corpus with planted faults: valid or not.
func verdicts(args []string) error {
	if len(args) != 3 {
		return errors.New("verdicts takes TAMER.json, KUBECONFORM.json and TRUTH.jsonl")
	}
	ours, err := tamerVerdicts(args[0])
	if err != nil {
		return fmt.Errorf("read verdicts of tamer: %w", err)
	}
	theirs, err := kubeconformVerdicts(args[1])
	if err != nil {
		return fmt.Errorf("read verdicts of kubeconform: %w", err)
	}
	planted, err := plantedFaults(args[2])
	if err != nil {
		return fmt.Errorf("read planted faults: %w", err)
	}
	differ := 0
	for _, file := range slices.Sorted(maps.Keys(theirs)) {
		valid, judged := ours[file]
		if !judged || valid != theirs[file] {
			if differ++; differ > shown {
				continue
			}
			fmt.Printf("%s: %s; kubeconform says %s; planted: %s\n", file, ourWord(valid, judged), word(theirs[file]), planted[file])
		}
	}
	fmt.Printf("%d files, %d invalid by tamer, %d by kubeconform, %d with a planted fault, %d verdicts differ\n",
		len(theirs), invalid(ours), invalid(theirs), len(planted), differ)
	if differ > 0 || len(ours) != len(theirs) {
		return fmt.Errorf("tamer judged %d files and kubeconform %d, with %d different verdicts; the same are wanted", len(ours), len(theirs), differ)
	}
	return nil
}

func ourWord(valid, judged bool) string {
	if !judged {
		return "tamer says nothing"
	}
	return "tamer says " + word(valid)
}

func word(valid bool) string {
	if valid {
		return "valid"
	}
	return "invalid"
}

func invalid(verdicts map[string]bool) int {
	n := 0
	for _, valid := range verdicts {
		if !valid {
			n++
		}
	}
	return n
}

// tamerVerdicts reads the output of "tamer check --format json".
func tamerVerdicts(name string) (map[string]bool, error) {
	var out struct {
		Files []struct {
			Path     string
			Findings []struct{ Level string }
		}
	}
	if err := readJSON(name, &out); err != nil {
		return nil, err
	}
	valid := map[string]bool{}
	for _, f := range out.Files {
		valid[f.Path] = true
		for _, finding := range f.Findings {
			if finding.Level == "failure" {
				valid[f.Path] = false
			}
		}
	}
	maps.DeleteFunc(valid, func(path string, _ bool) bool { return !strings.HasPrefix(path, "customers/") })
	return valid, nil
}

// kubeconformVerdicts reads the output of "kubeconform -output json -verbose".
func kubeconformVerdicts(name string) (map[string]bool, error) {
	var out struct {
		Resources []struct{ Filename, Status string }
	}
	if err := readJSON(name, &out); err != nil {
		return nil, err
	}
	valid := map[string]bool{}
	for _, r := range out.Resources {
		_, path, ok := strings.Cut(r.Filename, "customers/")
		if !ok {
			return nil, fmt.Errorf("file %q does not lie in customers", r.Filename)
		}
		if r.Status == "" {
			continue // the comment before a "---", which it takes for an empty document
		}
		before, seen := valid["customers/"+path]
		valid["customers/"+path] = r.Status == "statusValid" && (before || !seen)
	}
	return valid, nil
}

// plantedFaults gives the kind of fault by file.
func plantedFaults(name string) (map[string]string, error) {
	return plantedBy(name, func(f planted) string { return f.Path })
}

// A planted fault is a line of the file that tells the truth about a corpus.
type planted struct {
	Path, Kind string
	Line       int
}

// plantedBy gives the kinds of the planted faults, each by its key.
func plantedBy(name string, key func(planted) string) (map[string]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		var fault planted
		if err := json.Unmarshal(lines.Bytes(), &fault); err != nil {
			return nil, err
		}
		kinds[key(fault)] = fault.Kind
	}
	return kinds, lines.Err()
}

func readJSON(name string, into any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}
