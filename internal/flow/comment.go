package flow

import (
	"context"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
)

// remark brings the one comment of a pull request to what it should say, in at most one write: it is made only when there is
// something to say, and then kept up to date in place. It is looked for first, so one whose making lost its answer is found.
// One that a person has deleted comes back with the next verdict on another state.
func (f *Flow) remark(ctx context.Context, repo forge.Repo, number int, said render.Comment) error {
	mine, err := f.Comments.OwnComment(ctx, repo, number, render.CommentMarker)
	if err != nil {
		return err
	}
	switch {
	case mine == nil && said.Quiet:
		return nil
	case mine == nil:
		err = f.Comments.CreateComment(ctx, repo, number, said.Body)
	case mine.Body != said.Body:
		err = f.Comments.UpdateComment(ctx, repo, mine.ID, said.Body)
	}
	if err != nil {
		return err
	}
	f.At(PullRemarked)
	return nil
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
