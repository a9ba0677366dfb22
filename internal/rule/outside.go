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
		ID: "file-kind", Level: finding.Failure, Family: Outside,
		Purpose: "A configuration is a regular file, not a link or a submodule.",
		Why: `What a link points to can lie outside of the commit, so its content would not be what was reviewed. tamer follows
neither links nor submodules. Put a copy of the file itself there; what several customers share can be a shared
configuration.`,
		Bad:  "customers/acme/plan.yaml is a symbolic link to ../beta/plan.yaml.",
		Good: "customers/acme/plan.yaml is a file with the same content.",
	},
	{
		ID: "live", Level: finding.Failure, Family: Outside,
		Purpose: "A value that the schema looks up in live data is there.",
		Why: `A schema can say by x-tamer-live that a value must be in the result of a query which the operator has declared, such
as the columns of a table. A value that is not there is misspelt, or not there yet. What comes back from a query is
never shown, so there is no proposal. Only values that a change touches are looked up, and only on pull requests:
live data never stands between a merge and production.`,
		Bad:  "column: spend_euro, where the table has the column spend_eur.",
		Good: "column: spend_eur",
	},
	{
		ID: "live-unknown", Level: finding.Failure, Family: Outside,
		Purpose: "A schema looks values up only by queries that the operator has declared for the repository.",
		Why: `Sources and queries stand in the settings of the server, where only its operator writes. Where a schema names one
that is not there, or gives it other arguments than it takes, nothing can be looked up, and what is not looked up is
never green. Correct the name in the schema, or have the operator declare the query.`,
		Bad:  "x-tamer-live: {source: warehose, query: columns}, where the source is called warehouse.",
		Good: "x-tamer-live: {source: warehouse, query: columns}",
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
		ID: "outlier", Level: finding.Notice, Family: Outside, Off: true,
		Purpose: "No customer is the only one with a value or a type.",
		Why: `Where all customers but one have the same value, the one may be meant to differ, or somebody has left a zero out. So
"the only one of 312 customers with 45 here: all others have 30" is worth a look, and no more. At least 20 customers must
have the value, and lists are not compared. It is told of the configs that a change touches, and looked for only where the
policy says so: "checks: {outlier: notice}". Nothing has to be done if it is meant.`,
		Bad:  "timeout: 45, where the 311 other customers have timeout: 30; or the only config of the type \"models\".",
		Good: "timeout: 30; or timeouts of which the other customers have several, too.",
	},
	{
		ID: "unanswered", Level: finding.Failure, Family: Outside,
		Purpose: "The company's own systems have answered what they were asked about the change.",
		Why: `A source of live data or an external check may be down, give what cannot be used, or be asked more than one pull
request may; and for pull requests from forks nothing is asked at all. What was not evaluated is never green. It is not
the editor's fault: press Re-run when the system is back, or have a maintainer push the fork's branch to the repository.`,
		Bad:  "A pull request while the warehouse does not answer.",
		Good: "The same pull request, judged again when it does.",
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
