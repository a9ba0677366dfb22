package s3

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tamerhq/tamer/internal/sink"
)

// Config says where a sink is.
type Config struct {
	Bucket    string // required
	Prefix    string // before every key; empty, or ends with a slash
	Region    string // empty for what the environment says
	Endpoint  string // address of a store other than Amazon's, with its scheme
	PathStyle bool   // the bucket stands in the path, and not in the host's name
	SSE       string // empty, "AES256", "aws:kms" or "aws:kms:dsse": how the store encrypts
	KMSKey    string // id, ARN or alias of the key for SSE with KMS; empty for Amazon's own
	PlainHTTP bool   // the endpoint may be http:// on another machine
	Lifecycle bool   // the sink may write lifecycle rules of the bucket; see Expire

	Credentials aws.CredentialsProvider // nil for those that the SDK finds
	MaxWait     time.Duration           // bounds a wait between two attempts. Default 20s
}

// String is the address without its settings, for messages.
func (c Config) String() string { return "s3://" + c.Bucket + "/" + c.Prefix }

// bucketName is what Amazon allows, and the dots, capitals and underscores of old buckets and other stores.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$`)

// Parse reads s3://BUCKET/PREFIX?region=&endpoint=&path_style=&sse=&kms_key=&lifecycle=&plain_http=. The error says what to write.
func Parse(address string) (Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Opaque != "" || u.User != nil || u.Fragment != "" {
		return Config{}, errors.New("write s3://BUCKET/PREFIX, such as s3://acme-config/tamer?region=eu-central-1; credentials come from the environment")
	}
	c := Config{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	if !bucketName.MatchString(c.Bucket) {
		return Config{}, fmt.Errorf("%q is no name of a bucket: write s3://BUCKET/PREFIX", c.Bucket)
	}
	if c.Prefix != "" {
		if err := sink.CheckKey(c.Prefix); err != nil {
			return Config{}, fmt.Errorf("the prefix cannot be used: %w", err)
		}
		c.Prefix += "/"
	}
	if len(c.Prefix) > sink.MaxPrefix {
		return Config{}, fmt.Errorf("the prefix has more than %d bytes: write a shorter one", sink.MaxPrefix)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, errors.New("the part after ? cannot be read: write NAME=VALUE&NAME=VALUE, with % before what is special")
	}
	for name, values := range query {
		if len(values) > 1 {
			return Config{}, fmt.Errorf("%s is set twice; write it once", name)
		}
		if err := c.set(name, values[0]); err != nil {
			return Config{}, err
		}
	}
	if strings.HasPrefix(c.Endpoint, "http:") && !c.PlainHTTP && !loopback(c.Endpoint) {
		return Config{}, errors.New("endpoint: write https://; for http:// to another machine write plain_http=true too: all configuration can be read on its way then")
	}
	if c.KMSKey != "" && !strings.HasPrefix(c.SSE, "aws:kms") {
		return Config{}, errors.New("kms_key is for encryption by KMS: write sse=aws:kms too")
	}
	return c, nil
}

func (c *Config) set(name, value string) (err error) {
	switch name {
	case "region":
		c.Region = value
	case "endpoint":
		c.Endpoint, err = endpoint(value)
	case "path_style":
		c.PathStyle, err = truth(name, value)
	case "plain_http":
		c.PlainHTTP, err = truth(name, value)
	case "lifecycle":
		c.Lifecycle, err = truth(name, value)
	case "kms_key":
		c.KMSKey = value
	case "sse":
		if value != "AES256" && value != "aws:kms" && value != "aws:kms:dsse" {
			err = fmt.Errorf("sse is %q; write AES256, aws:kms or aws:kms:dsse", value)
		}
		c.SSE = value
	default:
		err = fmt.Errorf("%q is nothing that S3 sinks know; write region, endpoint, path_style, sse, kms_key, lifecycle or plain_http", name)
	}
	return err
}

func endpoint(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("endpoint: write an address without user and query, such as https://minio.example.com")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// loopback tells whether an address is on this machine.
func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func truth(name, value string) (bool, error) {
	v, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s is %q; write true or false", name, value)
	}
	return v, nil
}
