package fakegithub

import (
	"fmt"
	"net/http"
)

// A refusal is an answer of GitHub's that says no.
type refusal struct {
	status  int
	message string
	errors  []any  // details of "Validation Failed"
	doc     string // page of the documentation; empty: the first
}

func (e *refusal) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, message: fmt.Sprintf(format, args...)}
}

// invalid is GitHub's "Validation Failed" for one field.
func invalid(resource, field, code, format string, args ...any) *refusal {
	detail := object{"resource": resource, "field": field, "code": code}
	if format != "" {
		detail["message"] = fmt.Sprintf(format, args...)
	}
	return &refusal{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: []any{detail}}
}

// malformed is what GitHub says of a body that does not have the shape of its description.
func malformed(format string, args ...any) *refusal {
	return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\n"+format, args...)
}

var (
	notFound       = refuse(http.StatusNotFound, "Not Found")
	badCredentials = refuse(http.StatusUnauthorized, "Bad credentials")
)
