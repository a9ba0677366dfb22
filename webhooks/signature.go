package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// signed tells whether the signature, as X-Hub-Signature-256 holds it, is that of the body under one of the secrets.
// It takes as long for a wrong signature as for a right one.
func signed(body []byte, signature string, secrets [][]byte) bool {
	ok := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		want := "sha256=" + hex.EncodeToString(mac.Sum(nil))
		ok = hmac.Equal([]byte(want), []byte(signature)) || ok
	}
	return ok
}
