package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tamerhq/tamer/internal/sink"
)

// Expire implements sink.Expirer by lifecycle rules of the bucket. Rules that this sink has not made stay as they are. It
// reads the rules back, and gives an error where the store has not taken them. S3 has no condition on them: who changes a
// bucket's rules at the same moment may find theirs undone.
func (s *Sink) Expire(ctx context.Context, days map[string]int32) (bool, error) {
	if !s.cfg.Lifecycle {
		return false, nil
	}
	for prefix, n := range days {
		if err := sink.CheckPrefix(prefix); err != nil || prefix == "" || n < 1 {
			return false, fmt.Errorf("expire objects below %q after %d days: write a prefix that ends in a slash, and at least 1 day", prefix, n)
		}
	}
	there, err := s.rules(ctx)
	if err != nil {
		return false, err
	}
	if s.has(there.Rules, days) {
		return true, nil
	}
	if err := s.setRules(ctx, there, days); err != nil {
		return false, err
	}
	if there, err = s.rules(ctx); err != nil {
		return false, err
	}
	if !s.has(there.Rules, days) {
		return false, fmt.Errorf("%s has not kept the lifecycle rules that it took: set lifecycle=false in the sink's address, and tamer removes old previews itself", s.cfg)
	}
	return true, nil
}

// Expires tells whether the operator has the bucket remove old objects by itself. The error is that of reading the bucket's rules, which are
// left as they are.
func (s *Sink) Expires(ctx context.Context) (bool, error) {
	if !s.cfg.Lifecycle {
		return false, nil
	}
	_, err := s.rules(ctx)
	return err == nil, err
}

// Renew implements sink.Expirer: each object is copied onto itself.
func (s *Sink) Renew(ctx context.Context, keys []string) error {
	return sink.Each(keys, func(key string) error {
		if err := sink.CheckKey(key); err != nil {
			return fmt.Errorf("renew object: %w", err)
		}
		in := &s3.CopyObjectInput{Bucket: &s.cfg.Bucket, Key: s.key(key), CopySource: aws.String(escaped(s.cfg.Bucket + "/" + s.cfg.Prefix + key)),
			MetadataDirective: types.MetadataDirectiveReplace, // S3 refuses a copy that changes nothing
			ContentType:       aws.String(sink.ContentType(key)), CacheControl: aws.String(sink.CacheControl(key)),
			ServerSideEncryption: types.ServerSideEncryption(s.cfg.SSE)}
		if s.cfg.KMSKey != "" {
			in.SSEKMSKeyId = &s.cfg.KMSKey
		}
		if _, err := s.client.CopyObject(ctx, in); err != nil && code(err) != "NoSuchKey" {
			return fmt.Errorf("renew object %q: %w", key, s.explain(err, "s3:PutObject"))
		}
		return nil
	})
}

// escaped is a source of a copy as every store reads it: some take a plus sign for a space.
func escaped(path string) string {
	return strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(path))
}

func (s *Sink) rules(ctx context.Context) (*s3.GetBucketLifecycleConfigurationOutput, error) {
	out, err := s.client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &s.cfg.Bucket})
	if code(err) == "NoSuchLifecycleConfiguration" {
		return &s3.GetBucketLifecycleConfigurationOutput{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lifecycle rules: %w", s.explain(err, "s3:GetLifecycleConfiguration"))
	}
	return out, nil
}

// mine is how the ids of this sink's rules begin: other sinks may have rules in the same bucket.
func (s *Sink) mine() string {
	sum := sha256.Sum256([]byte(s.cfg.Prefix))
	return "tamer " + hex.EncodeToString(sum[:8]) + " "
}

func (s *Sink) has(rules []types.LifecycleRule, days map[string]int32) bool {
	found := map[string]int32{}
	for _, r := range rules {
		if !strings.HasPrefix(aws.ToString(r.ID), s.mine()) {
			continue
		}
		if r.Status != types.ExpirationStatusEnabled || r.Filter == nil || r.Filter.Prefix == nil || r.Expiration == nil {
			return false
		}
		found[strings.TrimPrefix(*r.Filter.Prefix, s.cfg.Prefix)] = aws.ToInt32(r.Expiration.Days)
	}
	return maps.Equal(found, days)
}

// setRules replaces this sink's rules among those of the bucket. A version that is no longer current goes after as many
// days again.
func (s *Sink) setRules(ctx context.Context, there *s3.GetBucketLifecycleConfigurationOutput, days map[string]int32) error {
	rules := slices.DeleteFunc(slices.Clone(there.Rules), func(r types.LifecycleRule) bool { return strings.HasPrefix(aws.ToString(r.ID), s.mine()) })
	for i, prefix := range slices.Sorted(maps.Keys(days)) {
		rules = append(rules, types.LifecycleRule{ID: aws.String(fmt.Sprint(s.mine(), i+1)), Status: types.ExpirationStatusEnabled,
			Filter:                      &types.LifecycleRuleFilter{Prefix: s.key(prefix)},
			Expiration:                  &types.LifecycleExpiration{Days: aws.Int32(days[prefix])},
			NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(days[prefix])}})
	}
	if len(rules) == 0 {
		_, err := s.client.DeleteBucketLifecycle(ctx, &s3.DeleteBucketLifecycleInput{Bucket: &s.cfg.Bucket})
		return s.told(err)
	}
	_, err := s.client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: &s.cfg.Bucket,
		LifecycleConfiguration:             &types.BucketLifecycleConfiguration{Rules: rules},
		TransitionDefaultMinimumObjectSize: there.TransitionDefaultMinimumObjectSize})
	return s.told(err)
}

func (s *Sink) told(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write the lifecycle rules: %w", s.explain(err, "s3:PutLifecycleConfiguration"))
}
