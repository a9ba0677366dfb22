// Package release decides what a store should hold: bundles, the releases that name them, the channels that point to releases,
// and the steps from what a store holds to what it should hold. It reads and writes nothing by itself.
package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// A Digest names an object by the SHA-256 of its bytes: 64 lower-case hex digits.
type Digest string

// DigestOf names an object.
func DigestOf(body []byte) Digest {
	sum := sha256.Sum256(body)
	return Digest(hex.EncodeToString(sum[:]))
}

// Encode gives the canonical JSON of an object: sorted keys, no insignificant space.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	var sorted any
	dec := json.NewDecoder(&b)
	dec.UseNumber()
	if err := dec.Decode(&sorted); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	b.Reset()
	if err := enc.Encode(sorted); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads an object that Encode wrote. The error names the key, and what to do.
func Decode(key string, b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("the object %s is damaged (%w): restore it from a backup of the store, or remove it to deploy anew", key, err)
	}
	return nil
}

// DecodeNamed is Decode for an object that is named by its bytes, which have to be those.
func DecodeNamed(key string, d Digest, b []byte, into any) error {
	if got := DigestOf(b); got != d {
		return fmt.Errorf("the object %s is damaged (its bytes have the SHA-256 %s): restore it from a backup of the store", key, got)
	}
	return Decode(key, b, into)
}
