// Command bench runs tamer and a peer on the same work; check-corpus and check-whole in this directory say how it is used.
//
//	bench peer CORPUS COPY
//	bench references CORPUS
//	bench race -runs N [-cpu RATIO] [-rss MIB] NAME DIRECTORY COMMAND -- NAME DIRECTORY COMMAND
//	bench truth TAMER.json TRUTH.jsonl
//	bench verdicts TAMER.json KUBECONFORM.json TRUTH.jsonl
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func(args []string) error{"peer": peer, "race": race, "references": references, "truth": truth, "verdicts": verdicts}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench peer|race|references|truth|verdicts ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
