package rule

import "github.com/tamerhq/tamer/internal/finding"

var outsideRules = []Rule{
	{
		ID: "base-branch", Level: finding.Failure, Family: Outside,
		Purpose: "The branch that a pull request wants to change exists.",
		Why: `A pull request is judged as what its base would be after the merge. Where the base is gone there is nothing to judge,
and what is not judged is never green. Choose another base for the pull request, or restore the branch.`,
		Bad:  "A pull request onto the branch release-3, which was deleted.",
		Good: "The same pull request onto main.",
	},
	{
		ID: "branch-rewritten", Level: finding.Failure, Family: Outside,
		Purpose: "The deploy branch keeps the commit that production serves in its history.",
		Why: `Production never goes backwards by itself. After a force-push nobody can tell from the branch alone what was undone,
so production stays where it is. Bring the commit back with a merge, or revert what should go in a new commit.`,
		Bad:  "git push --force of a main without its last merge, which production serves.",
		Good: "git revert of that merge, and a plain push.",
	},
	{
		ID: "file-kind", Level: finding.Failure, Family: Outside,
		Purpose: "A configuration is a regular file, not a link or a submodule.",
		Why: `What a link points to can lie outside of the commit, so its content would not be what was reviewed. tamer follows
neither links nor submodules. Put a copy of the file itself there; what several customers share can be a shared
configuration.`,
		Bad:  "customers/acme/plan.yaml is a symbolic link to ../beta/plan.yaml.",
		Good: "customers/acme/plan.yaml is a file with the same content.",
	},
	{
		ID: "merge-conflict", Level: finding.Failure, Family: Outside,
		Purpose: "A pull request can be merged into its base.",
		Why: `What is judged is the merge of head and base. Where git cannot make it the head alone is judged, and its verdict
would not be that of the merge, so it cannot be green. Merge the base into the branch and settle the conflict.`,
		Bad:  "Both main and the pull request change the same line of customers/acme/plan.yaml.",
		Good: "The pull request holds a merge of main, with that line settled.",
	},
	{
		ID: "sink-shared", Level: finding.Failure, Family: Outside,
		Purpose: "A store holds the configuration of one repository.",
		Why: `Two repositories in one place of a store would remove each other's files, for each deploy makes the store what its own
repository is. Give every repository a place of its own: the setting TAMER_SINK may hold {owner} and {repo}.`,
		Bad:  "TAMER_SINK=file:/srv/config for the repositories acme/shop and acme/bank.",
		Good: "TAMER_SINK=file:/srv/config/{owner}/{repo} for both.",
	},
	{
		ID: "unreadable", Level: finding.Failure, Family: Outside,
		Purpose: "A file that is named can be read.",
		Why: `A file that was asked for and could not be judged must not pass for one without faults. Check how its name is written
and that you may read it, or take it off the list.`,
		Bad:  "tamer check --schema plan.schema.json plann.yaml, where only plan.yaml exists.",
		Good: "tamer check --schema plan.schema.json plan.yaml",
	},
}
