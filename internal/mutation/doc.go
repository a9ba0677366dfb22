// Package mutation holds a test that spoils valid files in one place each, and asks whether the judge names that place.
// All of it is test code; this file only says so.
//
//	go test -v -run TestPlaces ./internal/mutation
//
// prints a table by kind of fault. With -misses N it prints up to N misses of each kind, with the text around them.
package mutation
