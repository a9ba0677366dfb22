package work

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Press is a person's press of a button of a check run. Nobody can be asked later who pressed it, so all of it is in the
// key: two deliveries of one press are one piece of work, and so are two presses of one button by one person.
type Press struct {
	Action string       // identifier of the button
	Head   forge.Commit // that the check run stands on
	By     forge.User
}

// Name is the press as the name of a key of the kind Button.
func (p Press) Name() string {
	return fmt.Sprintf("%s/%s/%d/%s", p.Action, p.Head, p.By.ID, p.By.Login)
}

// ParsePress reads what Name has written.
func ParsePress(name string) (Press, error) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[0] == "" || parts[3] == "" {
		return Press{}, fmt.Errorf("%q names no press of a button", name)
	}
	head, err := forge.ParseCommit(parts[1])
	if err != nil {
		return Press{}, fmt.Errorf("read the press %q: %w", name, err)
	}
	id, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || id <= 0 {
		return Press{}, fmt.Errorf("read the press %q: %q is no id of a user", name, parts[2])
	}
	return Press{parts[0], head, forge.User{ID: id, Login: parts[3]}}, nil
}
