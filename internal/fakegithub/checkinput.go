package fakegithub

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a check run. Source: docs.github.com, REST API, "Create a check run". Texts are counted in bytes.
const (
	maxAnnotations     = 50
	maxOutput          = 65535
	maxAnnotationTitle = 255
	maxAnnotationText  = 64 << 10
	maxActions         = 3
	maxLabel           = 20
	maxDescription     = 40
	maxIdentifier      = 20
)

var (
	checkStatuses    = []string{"queued", "in_progress", "completed"}
	checkConclusions = []string{"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
	annotationLevels = []string{"notice", "warning", "failure"}
)

// A checkInput is the body that creates or updates a check run. What is nil stays as it is.
type checkInput struct {
	Name        *string
	HeadSHA     string  `json:"head_sha"`
	DetailsURL  *string `json:"details_url"`
	ExternalID  *string `json:"external_id"`
	Status      *string
	Conclusion  *string
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title, Summary, Text *string
		Annotations          []annotationInput
	}
	Actions *[]Action
}

type annotationInput struct {
	Path           *string
	StartLine      *int    `json:"start_line"`
	EndLine        *int    `json:"end_line"`
	StartColumn    *int    `json:"start_column"`
	EndColumn      *int    `json:"end_column"`
	Level          *string `json:"annotation_level"`
	Title, Message *string
	RawDetails     *string `json:"raw_details"`
}

// validate refuses what GitHub refuses.
func (in *checkInput) validate() error {
	for field, value := range map[string]struct {
		got     *string
		allowed []string
	}{"status": {in.Status, checkStatuses}, "conclusion": {in.Conclusion, checkConclusions}} {
		if value.got != nil && !slices.Contains(value.allowed, *value.got) {
			return malformed("%s is not a member of [%s] (field %q).", *value.got, strings.Join(value.allowed, ", "), field)
		}
	}
	if in.Status != nil && *in.Status == "completed" && in.Conclusion == nil {
		return malformed(`"conclusion" wasn't supplied, and is required when "status" is "completed".`)
	}
	if err := in.validateActions(); err != nil {
		return err
	}
	if in.Output == nil {
		return nil
	}
	for _, field := range []struct {
		name     string
		value    *string
		required bool
	}{{"title", in.Output.Title, true}, {"summary", in.Output.Summary, true}, {"text", in.Output.Text, false}} {
		if field.required && (field.value == nil || *field.value == "") {
			return malformed("%q wasn't supplied.", field.name)
		}
		if field.value != nil && field.name != "title" && len(*field.value) > maxOutput {
			return malformed("Only %d characters are allowed in %q; %d were supplied.", maxOutput, field.name, len(*field.value))
		}
	}
	if n := len(in.Output.Annotations); n > maxAnnotations {
		return malformed("No more than %d items are allowed; %d were supplied.", maxAnnotations, n)
	}
	for i := range in.Output.Annotations {
		if err := in.Output.Annotations[i].validate(); err != nil {
			return err
		}
	}
	return nil
}

func (in *checkInput) validateActions() error {
	if in.Actions == nil {
		return nil
	}
	if n := len(*in.Actions); n > maxActions {
		return malformed("No more than %d items are allowed; %d were supplied.", maxActions, n)
	}
	for _, a := range *in.Actions {
		for _, f := range []struct {
			name, value string
			limit       int
		}{{"label", a.Label, maxLabel}, {"description", a.Description, maxDescription}, {"identifier", a.Identifier, maxIdentifier}} {
			if n := utf8.RuneCountInString(f.value); n == 0 {
				return malformed("%q wasn't supplied.", f.name)
			} else if n > f.limit {
				return malformed("Only %d characters are allowed in %q; %d were supplied.", f.limit, f.name, n)
			}
		}
	}
	return nil
}

func (a *annotationInput) validate() error {
	switch {
	case a.Path == nil || *a.Path == "":
		return malformed(`"path" wasn't supplied.`)
	case a.StartLine == nil || a.EndLine == nil:
		return malformed(`"start_line" or "end_line" wasn't supplied.`)
	case *a.StartLine < 1 || *a.EndLine < *a.StartLine:
		return malformed("lines %d to %d are no range of lines.", *a.StartLine, *a.EndLine)
	case (a.StartColumn != nil || a.EndColumn != nil) && *a.StartLine != *a.EndLine:
		return malformed(`"start_column" and "end_column" are allowed only where "start_line" and "end_line" are the same.`)
	case a.Level == nil || !slices.Contains(annotationLevels, *a.Level):
		return malformed(`"annotation_level" is not a member of [%s].`, strings.Join(annotationLevels, ", "))
	case a.Message == nil || *a.Message == "":
		return malformed(`"message" wasn't supplied.`)
	case len(*a.Message) > maxAnnotationText || a.RawDetails != nil && len(*a.RawDetails) > maxAnnotationText:
		return malformed(`"message" or "raw_details" has more than %d bytes.`, maxAnnotationText)
	case a.Title != nil && utf8.RuneCountInString(*a.Title) > maxAnnotationTitle:
		return malformed("Only %d characters are allowed in \"title\".", maxAnnotationTitle)
	}
	return nil
}

// apply changes the run. A conclusion completes it; annotations are added to those that are there.
func (in *checkInput) apply(run *checkRun, now time.Time, href func(string) string) {
	set(&run.Name, in.Name)
	set(&run.DetailsURL, in.DetailsURL)
	set(&run.ExternalID, in.ExternalID)
	set(&run.StartedAt, in.StartedAt)
	if in.Status != nil && *in.Status != "completed" {
		run.Status, run.Conclusion, run.CompletedAt = *in.Status, "", time.Time{}
	}
	if in.Conclusion != nil {
		run.Status, run.Conclusion, run.CompletedAt = "completed", *in.Conclusion, now
		set(&run.CompletedAt, in.CompletedAt)
	}
	if in.Actions != nil {
		run.Actions = *in.Actions
	}
	if in.Output == nil {
		return
	}
	set(&run.Title, in.Output.Title)
	set(&run.Summary, in.Output.Summary)
	set(&run.Text, in.Output.Text)
	for _, a := range in.Output.Annotations {
		out := Annotation{
			Path: *a.Path, BlobHref: href(*a.Path), StartLine: *a.StartLine, EndLine: *a.EndLine,
			StartColumn: a.StartColumn, EndColumn: a.EndColumn, Level: *a.Level, Message: *a.Message,
		}
		set(&out.Title, a.Title)
		set(&out.RawDetails, a.RawDetails)
		run.Annotations = append(run.Annotations, out)
	}
}

// set takes over a value that was given.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
