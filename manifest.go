// Package tamer holds what the module's top directory has for the program: the manifest of the GitHub App.
package tamer

import _ "embed"

// Manifest is app.yml: the GitHub App that tamer runs as.
//
//go:embed app.yml
var Manifest []byte
