package render

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A jsonExplanation has a value unless it is absent or secret: null is a value too.
type jsonExplanation struct {
	File    string `json:"file"`
	Pointer string `json:"path"`
	*jsonRegion
	Value       *json.RawMessage `json:"value,omitempty"`
	Absent      bool             `json:"absent,omitempty"`
	Secret      bool             `json:"secret,omitempty"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Unit        string           `json:"unit,omitempty"`
	Deprecated  string           `json:"deprecated,omitempty"`
	Owners      []string         `json:"owners,omitempty"`
	Uncommitted string           `json:"uncommitted,omitempty"`
	Change      *jsonLastChange  `json:"change"`
	Pull        *jsonPullOf      `json:"pull_request"`
	Production  *jsonProduction  `json:"production"`
	Notes       []string         `json:"notes"`
}

type jsonLastChange struct {
	Kind    string           `json:"kind"`
	Commit  forge.Commit     `json:"commit"`
	Author  jsonAuthor       `json:"author"`
	At      time.Time        `json:"date"`
	Subject string           `json:"subject"`
	File    string           `json:"file"`
	Path    string           `json:"path"`
	Old     *json.RawMessage `json:"old,omitempty"`
	MovedTo *jsonPlaceOf     `json:"moved_to,omitempty"`
}

type jsonAuthor struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type jsonPlaceOf struct {
	File string `json:"file"`
	Path string `json:"path"`
}

type jsonPullOf struct {
	Number    int      `json:"number"`
	Title     string   `json:"title,omitempty"`
	URL       string   `json:"url,omitempty"`
	Author    string   `json:"author,omitempty"`
	Approvers []string `json:"approvers"`
	Source    string   `json:"source"` // github or message
}

type jsonProduction struct {
	Since  time.Time    `json:"since"`
	Commit forge.Commit `json:"commit"`
}

// ExplainJSON writes an explanation for programs, on one line. Lines and columns are as in JSON.
func ExplainJSON(w io.Writer, e Explanation, _ Options) error {
	out := jsonExplanation{File: e.File, Pointer: e.Pointer, Absent: e.Absent, Secret: e.Note.Secret, Title: e.Note.Title,
		Description: e.Note.Description, Unit: e.Note.Unit, Deprecated: e.Note.Deprecated, Owners: e.Note.Owners, Notes: []string{}}
	if !e.Absent {
		r := regionJSON(e.At)
		out.jsonRegion = &r
	}
	if !e.Absent && !e.Note.Secret {
		raw, err := rawJSON(e.Value)
		if err != nil {
			return err
		}
		out.Value = &raw
	}
	if s := e.Since; s != nil {
		out.Uncommitted, out.Notes = s.Uncommitted, append(out.Notes, s.Notes...)
		var err error
		if out.Change, err = jsonLast(e, s.Last); err != nil {
			return err
		}
		if p := s.Pull; p != nil {
			out.Pull = &jsonPullOf{p.Number, p.Title, p.URL, p.Author, append([]string{}, p.Approvers...), "message"}
			if p.Asked {
				out.Pull.Source = "github"
			}
		}
		if p := s.Production; p != nil {
			out.Production = &jsonProduction{p.At.UTC(), p.With}
		}
	}
	b := bufio.NewWriter(w)
	if err := compact(b, out); err != nil {
		return err
	}
	b.WriteByte('\n')
	return b.Flush()
}

func jsonLast(e Explanation, c *LastChange) (*jsonLastChange, error) {
	if c == nil {
		return nil, nil
	}
	out := &jsonLastChange{Kind: c.Kind, Commit: c.Commit, Author: jsonAuthor{c.Author, c.Email}, At: c.At.UTC(), Subject: c.Subject, File: c.File, Path: c.Pointer}
	if c.Moved {
		out.MovedTo = &jsonPlaceOf{c.MovedFile, c.MovedTo}
	}
	if c.Known {
		raw, err := rawJSON(e.old(c))
		if err != nil {
			return nil, err
		}
		out.Old = &raw
	}
	return out, nil
}
