package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// checkFiles judges plain files. The paths of the result are as they were given, so that their root is empty; those of
// findings about the schema start at the root of schemas.
func checkFiles(cmd *cobra.Command, f checkFlags, args []string, opts validate.Options) (r validate.Result, root string, err error) {
	paths := args
	if f.filesFrom != "" {
		listed, err := readList(f.filesFrom, cmd.InOrStdin())
		if err != nil {
			return r, "", err
		}
		paths = append(slices.Clone(args), listed...)
	}
	if len(paths) == 0 {
		return r, "", errors.New("no files to judge: name them after --schema, or give a list with --files-from")
	}
	dir, name, err := schemaRoot(f.schema)
	if err != nil {
		return r, "", err
	}
	r, err = validate.Files(schema.NewSet(os.DirFS(dir)), name, paths, os.ReadFile, opts)
	if len(r.Files) == 0 {
		root = dir
	}
	return r, root, err
}

// schemaRoot gives the directory whose files a schema may refer to, and the schema's name in it: the present directory
// where the schema lies below it, else the schema's own.
func schemaRoot(path string) (dir, name string, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", "", fmt.Errorf("find the schema: %w", err)
	}
	if info, err := os.Stat(abs); err != nil {
		return "", "", fmt.Errorf("read the schema: %w", err)
	} else if info.IsDir() {
		return "", "", fmt.Errorf("read the schema: %s is a directory; name the file", path)
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, abs); err == nil && filepath.IsLocal(rel) {
			return wd, filepath.ToSlash(rel), nil
		}
	}
	return filepath.Dir(abs), filepath.Base(abs), nil
}

// openInput opens the file that an option names; - is standard input.
func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(name)
}

// readList reads names that are ended by NUL, or stand one a line where there is no NUL.
func readList(from string, stdin io.Reader) ([]string, error) {
	in, err := openInput(from, stdin)
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	sep := "\n"
	if strings.Contains(string(b), "\x00") {
		sep = "\x00"
	}
	var names []string
	for name := range strings.SplitSeq(string(b), sep) {
		if sep == "\n" {
			name = strings.TrimSuffix(name, "\r")
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}
