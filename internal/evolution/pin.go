package evolution

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Copies are the schemas by which services validate what they read. They are not safe for concurrent use.
type Copies struct {
	// Tree is whose files count; where it lacks one, the tree that is judged has it.
	Tree *catalog.Catalog
	// Released gives the tree of a commit that has been released. The error wraps fs.ErrNotExist where it was not. Nil: there is no
	// history, and what is pinned to a commit is not looked at.
	Released func(forge.Commit) (fs.FS, error)
	// Err is the first error of reading a commit.
	Err error

	pinned map[pinKey]pinned
}

type pinned struct {
	schema *schema.Schema // nil where it cannot be used
	name   string
	why    string // "" also where nobody can tell
}

// at gives the schema of a read that is pinned to a commit.
func (c *Copies) at(r Read) pinned {
	if c.Released == nil || c.Err != nil {
		return pinned{}
	}
	key := pinKey{r.Type, r.Schema, r.Commit}
	p, known := c.pinned[key]
	if !known {
		p = c.read(key)
		if c.pinned == nil {
			c.pinned = map[pinKey]pinned{}
		}
		c.pinned[key] = p
	}
	return p
}

type pinKey struct {
	typ, file string
	commit    forge.Commit
}

// maxPinned bounds the commits that are read for one change.
const maxPinned = 200

func (c *Copies) read(k pinKey) pinned {
	if len(c.pinned) >= maxPinned {
		return pinned{why: fmt.Sprintf("services are pinned to more than %d schemas of commits, and no more are read", maxPinned)}
	}
	tree, err := c.Released(k.commit)
	if errors.Is(err, fs.ErrNotExist) {
		return pinned{why: fmt.Sprintf("the branch holds no commit %s", k.commit)}
	}
	var p *policy.Policy
	if err == nil {
		p, _, err = policy.Read(tree)
	}
	if err != nil {
		c.Err = fmt.Errorf("read commit %s, which a service is pinned to: %w", k.commit.Short(), err)
		return pinned{}
	}
	if p == nil {
		p = policy.Default()
	}
	then := catalog.New(tree, p)
	file := k.file
	if file == "" {
		file = then.SchemaPath(k.typ)
	}
	if file == "" {
		return pinned{why: fmt.Sprintf("commit %s has no schema of the type %q", k.commit.Short(), k.typ)}
	}
	s, found := then.Schema(file)
	if s == nil {
		return pinned{why: fmt.Sprintf("the schema %s of commit %s cannot be used: %s", file, k.commit.Short(), found[0].Message)}
	}
	return pinned{schema: s, name: fmt.Sprintf("%s of commit %s", file, k.commit.Short())}
}
