package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// command does what a comment asks for, if it speaks to tamer and its author may write to the repository. Others, and programs,
// get no answer: else strangers could make tamer write as much as they like.
func (f *Flow) command(ctx context.Context, repo forge.Repo, t work.Task) error {
	id, err := strconv.ParseInt(t.Key.Name, 10, 64)
	if err != nil {
		return work.Permanent(fmt.Errorf("%s: %w", t.Key, err))
	}
	c, err := f.Commands.Comment(ctx, repo, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.At(CommandRead)
	verb, object, spoken := parseCommand(c.Body)
	if !spoken || c.App || c.Author.Bot {
		return nil
	}
	if may, err := f.Commands.MayWrite(ctx, repo, c.Author); err != nil || !may {
		return err
	}
	switch verb {
	case "check":
		if err := f.ask(ctx, []work.Wanted{{Key: pullRequestKey(repo, c.Pull), Anew: true}}); err != nil {
			return err
		}
		return f.Commands.React(ctx, repo, id)
	case overrideVerb:
		return f.overrideCommand(ctx, repo, c, reasonOf(c.Body))
	case "preview":
		return f.previewCommand(ctx, repo, c)
	case rollbackVerb, resumeVerb:
		return f.operate(ctx, repo, c, verb)
	case "explain":
		return f.explain(ctx, repo, c, object)
	case "help":
		return f.answer(ctx, repo, c.Pull, t.Key.Name, render.Help(""))
	}
	return f.answer(ctx, repo, c.Pull, t.Key.Name, render.Help(firstLine(c.Body)))
}

// parseCommand reads the first line of a comment: /tamer VERB OBJECT.
func parseCommand(body string) (verb, object string, spoken bool) {
	to, rest, _ := strings.Cut(firstLine(body), " ")
	if to != "/tamer" {
		return "", "", false
	}
	verb, object, _ = strings.Cut(strings.TrimSpace(rest), " ")
	return strings.ToLower(verb), strings.Trim(object, " `"), true
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(strings.ReplaceAll(line, "\t", " "))
}
