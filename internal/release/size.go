package release

import "encoding/json"

// sizeOf is how many bytes a value takes as JSON, at least; no more of it is looked at than makes it larger than most. A small file may
// hold a large value: what an alias stands for is written out each time.
func sizeOf(value any, most int) int {
	n := 1
	switch v := value.(type) {
	case string:
		return sizeOfText(v)
	case json.Number:
		return len(v)
	case []any:
		for _, item := range v {
			if n += 1 + sizeOf(item, most-n); n > most {
				return n
			}
		}
	case map[string]any:
		for key, item := range v {
			if n += 2 + sizeOfText(key) + sizeOf(item, most-n); n > most {
				return n
			}
		}
	}
	return n
}

func sizeOfText(text string) int {
	n := 2 + len(text)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\', c >= '\b' && c <= '\r' && c != '\v':
			n++
		case c < ' ':
			n += 5
		}
	}
	return n
}
