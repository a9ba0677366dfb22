package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/tamerhq/tamer/internal/sink"
)

// code is the error code that the store gave; empty for what is no answer of a store.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// explain puts what to do before an error of the SDK, for people who have not met it before.
func (s *Sink) explain(err error, action string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if words := s.words(err, action); words != "" {
		return sink.Explain(words, err)
	}
	return err
}

func (s *Sink) words(err error, action string) string {
	switch code(err) {
	case "AccessDenied", "Forbidden", "AllAccessDisabled":
		return s.missing(err, action)
	case "NoSuchBucket":
		return fmt.Sprintf("there is no bucket %q: make it, or mend the name in the sink's address", s.cfg.Bucket)
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "MovedPermanently", "BadRequest":
		return fmt.Sprintf("the bucket %q is in another region than the one that was asked: set ?region= in the sink's address", s.cfg.Bucket)
	case "InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch":
		return "the store does not know these credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role"
	case "ExpiredToken", "ExpiredTokenException":
		return "the credentials have expired: give tamer a role, whose credentials are renewed, or new ones"
	case "RequestTimeTooSkewed":
		return "the clock of this machine is wrong by more than 15 minutes: set it"
	case "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException":
		return fmt.Sprintf("the KMS key %q cannot be used: check that it exists, is enabled, and is in the bucket's region", s.cfg.KMSKey)
	case "SlowDown", "ServiceUnavailable", "503":
		return "the store asks for fewer requests"
	}
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		return "there is no host of that name: check the endpoint, and whether the store wants path_style=true"
	case strings.Contains(err.Error(), "get credentials"):
		return "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run tamer with a role"
	}
	return ""
}

// missing names the permission. S3 also denies access to an object that is not there, where listing is not allowed.
func (s *Sink) missing(err error, action string) string {
	if strings.Contains(strings.ToLower(err.Error()), "kms") {
		return "the credentials need kms:GenerateDataKey and kms:Decrypt for the key " + cmpKey(s.cfg.KMSKey)
	}
	arn := "arn:aws:s3:::" + s.cfg.Bucket
	switch action {
	case "s3:ListBucket", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration":
		return fmt.Sprintf("the credentials need %s on %s", action, arn)
	case "s3:GetObject":
		return fmt.Sprintf("the credentials need s3:GetObject on %s/%s*, and s3:ListBucket on %s, without which S3 denies what is only not there", arn, s.cfg.Prefix, arn)
	}
	return fmt.Sprintf("the credentials need %s on %s/%s*", action, arn, s.cfg.Prefix)
}

func cmpKey(key string) string {
	if key == "" {
		return "of the bucket"
	}
	return key
}
