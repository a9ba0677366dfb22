package editor

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
)

// modeline begins a comment that tells yaml-language-server the schema of the file that it stands in.
const modeline = "# yaml-language-server: $schema="

// modelines gives each config in YAML a first line that names its schema; one that is there is made right.
func modelines(r repository) ([]File, error) {
	configs, err := r.catalog.Configs()
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range configs {
		schema := r.catalog.SchemaPath(f.Type)
		if schema == "" || f.Mode&fs.ModeType != 0 || strings.HasSuffix(f.Path, ".json") {
			continue
		}
		was, err := r.read(f.Path)
		if err != nil {
			return nil, err
		}
		to, err := filepath.Rel(filepath.Dir(filepath.FromSlash(f.Path)), filepath.FromSlash(schema))
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(was, []byte("\xff\xfe")) && !bytes.HasPrefix(was, []byte("\xfe\xff")) { // UTF-16 is left alone
			files = append(files, File{f.Path, was, withModeline(was, filepath.ToSlash(to))})
		}
	}
	return files, nil
}

func withModeline(text []byte, schema string) []byte {
	mark := []byte("\ufeff")
	rest, marked := bytes.CutPrefix(text, mark)
	end := "\n"
	if first, _, ok := bytes.Cut(rest, []byte("\n")); ok && bytes.HasSuffix(first, []byte("\r")) {
		end = "\r\n"
	}
	if bytes.HasPrefix(rest, []byte(modeline)) {
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	out := append([]byte(modeline+schema+end), rest...)
	if marked {
		out = append(mark, out...)
	}
	return out
}
