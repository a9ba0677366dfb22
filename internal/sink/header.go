package sink

import (
	"path"
	"strings"
)

// ContentType is the media type of an object, by its key, for stores that keep one. Source of application/yaml: RFC 9512.
func ContentType(key string) string {
	switch path.Ext(key) {
	case ".json":
		return "application/json"
	case ".yaml", ".yml":
		return "application/yaml"
	}
	return "application/octet-stream"
}

// CacheControl says how long a reader may keep an object, for stores that can tell them: what is named by its digest for
// ever, everything else not without asking.
func CacheControl(key string) string {
	if strings.HasPrefix(key, ".tamer/bundles/") || strings.HasPrefix(key, ".tamer/releases/") {
		return "max-age=31536000, immutable"
	}
	return "no-cache"
}
