package forge

// A Push has moved a branch, by whatever way: also by a merge or on GitHub's pages.
type Push struct {
	By     User   // without an id where that account is gone
	Before Commit // empty where the branch began with it
	After  Commit // empty where the branch ended
}
