package flow

import (
	"context"
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
)

// remark brings the one comment of a pull request to what it should say, in at most one write: it is made only when there is
// something to say, and then kept up to date in place. It is looked for first, so one whose making lost its answer is found.
// One that a person has deleted comes back with the next verdict on another state.
func (f *Flow) remark(ctx context.Context, repo forge.Repo, number int, said render.Comment) error {
	mine, done, err := f.ownReport(ctx, repo, number)
	if err != nil {
		return err
	}
	defer done()
	switch {
	case mine == nil && said.Quiet:
		return nil
	case mine == nil:
		err = f.Comments.CreateComment(ctx, repo, number, said.Body)
	default:
		if body := render.WithLine(said.Body, render.LineOf(mine.Body)); mine.Body != body {
			err = f.Comments.UpdateComment(ctx, repo, mine.ID, body)
		}
	}
	if err != nil {
		return err
	}
	f.At(PullRemarked)
	return nil
}

// ownReport gives the one comment of a pull request; nil where there is none yet. Two kinds of work write to it, each its own part: until
// done is called, nobody else does, in this process or another.
func (f *Flow) ownReport(ctx context.Context, repo forge.Repo, number int) (mine *forge.Comment, done func(), err error) {
	if done, err = f.inTurn(ctx, repo, fmt.Sprintf("comment/%d", number)); err != nil {
		return nil, nil, err
	}
	if mine, err = f.Comments.OwnComment(ctx, repo, number, render.CommentMarker); err != nil {
		done()
		return nil, nil, err
	}
	return mine, done, nil
}

// answer says something to a person once, however often it is tried: the comment is found again by what it answers.
func (f *Flow) answer(ctx context.Context, repo forge.Repo, number int, to, text string) error {
	marker := render.AnswerMarker(to)
	mine, err := f.Comments.OwnComment(ctx, repo, number, marker)
	if err != nil || mine != nil {
		return err
	}
	if err := f.Comments.CreateComment(ctx, repo, number, marker+"\n"+text); err != nil {
		return err
	}
	f.At(CommandAnswered)
	return nil
}
