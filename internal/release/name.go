package release

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// Production is the channel of the deploy branch.
const Production = "production"

// Prefixes of a store's own objects.
const (
	BundlePrefix  = ".tamer/bundles/"
	ReleasePrefix = ".tamer/releases/"
	ChannelPrefix = ".tamer/channels/"
	JournalPrefix = ".tamer/journals/"
	// OwnerKey is the Owner of the store.
	OwnerKey = ".tamer/owner.json"
	// CollectionKey is the Collection of the store.
	CollectionKey = ".tamer/collection.json"
)

// An Owner says which repository a store belongs to. It is written before anything else, where there is none: of two
// repositories that are told to use one store, one is refused.
type Owner struct {
	Repository string `json:"repository"` // OWNER/NAME
	ID         int64  `json:"id"`         // by GitHub, which survives renames; 0 where nobody knows
}

// BundleKey is where a bundle stands.
func BundleKey(d Digest) string { return BundlePrefix + string(d) + ".json" }

// ReleaseKey is where a release stands.
func ReleaseKey(d Digest) string { return ReleasePrefix + string(d) + ".json" }

// BranchChannel and CommitChannel name the channels of previews.
func BranchChannel(branch string) string { return "branch/" + branch }

// CommitChannel names the channel of one commit.
func CommitChannel(c forge.Commit) string { return "commit/" + string(c) }

// ChannelKey is where a channel stands.
func ChannelKey(channel string) string { return ChannelPrefix + place(channel) + ".json" }

// JournalKey is where the journal of a channel stands.
func JournalKey(channel string) string { return JournalPrefix + place(channel) + ".json" }

// place writes a channel's name as part of a key.
func place(channel string) string {
	kind, name, ok := strings.Cut(channel, "/")
	if !ok {
		return channel
	}
	return kind + "/" + Escape(name)
}

// PlainPrefix is what the keys of a channel's plain files begin with: nothing for production.
func PlainPrefix(channel string) string {
	kind, name, ok := strings.Cut(channel, "/")
	switch {
	case !ok:
		return ""
	case kind == "branch":
		return ".branches/" + Escape(name) + "/"
	}
	return ".commits/" + Escape(name) + "/"
}

// maxEscaped is how long an escaped name may get before it is cut: a segment of a key holds 255 bytes.
const maxEscaped = 160

// Escape writes any text as one segment of a key, no two texts alike, not even in a store that takes upper case for lower case. What is no
// lower-case letter, digit, "-", "_" or inner "." is written %xx. A text that gets too long is cut, and ends in "%%" and its SHA-256.
func Escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i > 0 && i < len(text)-1:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	if b.Len() > maxEscaped {
		return fmt.Sprintf("%s%%%%%x", b.String()[:maxEscaped-66], sha256.Sum256([]byte(text)))
	}
	return b.String()
}

// Key is where a file stands below a channel's prefix: <customer>/<type>.yaml for a config, .shared/<type>.yaml for a shared one. No
// customer's name begins with a dot, so the two never meet.
func Key(f policy.File) string {
	if f.Kind == policy.Shared {
		return ".shared/" + f.Type + ".yaml"
	}
	return f.Customer + "/" + f.Type + ".yaml"
}
