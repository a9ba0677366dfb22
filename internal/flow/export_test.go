package flow

// ForgetChanges makes the Flow ask git again how trees differ, as for a change that nobody has seen.
func (f *Flow) ForgetChanges() { f.Trees = &recentChanges{Trees: f.Trees.(*recentChanges).Trees} }
