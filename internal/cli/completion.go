package cli

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/scaffold"
)

// completed are what the words of a command are completed with, by the command's name: a list for each word, of which the last one
// goes on for further words.
var completed = map[string][]func(policy.Layout, fs.FS) []string{
	"get":     {customers, types},
	"set":     {configNames, nothing},
	"unset":   {configNames, nothing},
	"move":    {configNames, nothing},
	"fmt":     {configNames},
	"migrate": {types},
	"new":     {nothing},
}

// complete has the shell's completion know customers, types and templates of the repository around the present directory.
func complete(root *cobra.Command) {
	root.CompletionOptions.HiddenDefaultCmd = false
	each(root, func(cmd *cobra.Command) {
		if words, ok := completed[cmd.Name()]; ok && cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
				return offered(cmd, words[min(len(args), len(words)-1)], begun)
			}
		}
		for flag, names := range map[string]func(policy.Layout, fs.FS) []string{"customer": customers, "from-customer": customers, "type": types, "from": templates} {
			if cmd.Flags().Lookup(flag) == nil {
				continue
			}
			_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
				return offered(cmd, names, begun)
			}) // fails only for a flag that is not there, or a second time
		}
	})
}

func each(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, visit)
	}
}

// offered gives the names that begin as the word does. What cannot be read offers nothing: a completion has nowhere to say so.
func offered(cmd *cobra.Command, names func(policy.Layout, fs.FS) []string, begun string) ([]string, cobra.ShellCompDirective) {
	wd, err := os.Getwd()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	root := rootOf(nil, wd)
	if clone, err := mirror.Local(cmd.Context(), wd); err == nil {
		root = rootOf(clone, wd)
		clone.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	tree := os.DirFS(root)
	p, _, err := policy.Read(tree)
	if err != nil || p == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all := names(p.Layout, tree)
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(name string) bool { return !strings.HasPrefix(name, begun) })
	return all, cobra.ShellCompDirectiveNoFileComp
}

func nothing(policy.Layout, fs.FS) []string { return nil }

func templates(_ policy.Layout, tree fs.FS) []string {
	names, _ := scaffold.Names(tree)
	return names
}

func customers(l policy.Layout, tree fs.FS) []string {
	return found(l, tree, policy.Config, func(f policy.File) string { return f.Customer })
}

func types(l policy.Layout, tree fs.FS) []string {
	return slices.Concat(found(l, tree, policy.Schema, func(f policy.File) string { return f.Type }), found(l, tree, policy.Config, func(f policy.File) string { return f.Type }))
}

func configNames(l policy.Layout, tree fs.FS) []string {
	all := found(l, tree, policy.Config, func(f policy.File) string { return f.Customer + "/" + f.Type })
	return append(all, found(l, tree, policy.Config, func(f policy.File) string { return "*/" + f.Type })...)
}

func found(l policy.Layout, tree fs.FS, kind policy.Kind, name func(policy.File) string) []string {
	var all []string
	_ = l.Find(tree, policy.Query{Kind: kind}, func(f policy.File) bool { // what has been found until an error is of use
		all = append(all, name(f))
		return true
	})
	return all
}
