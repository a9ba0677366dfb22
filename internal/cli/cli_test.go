package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/scenario"
)

// The test binary is also the program: a script that says tamer runs it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tamer": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}})
}

// Each script is a use of the program, with its exit code, standard output and standard error.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       golden.Update(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(append(env.Vars, "TAMER_CACHE_DIR="+filepath.Join(env.WorkDir, ".cache")), gitEnv()...)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits CODE PROGRAM ARG...: runs the program, which must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...: %v", err)
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		var code int
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &code); scanErr != nil {
			ts.Fatalf("%v", err)
		}
		got = code
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", args[1], got, want)
	}
}

// gitEnv makes git the same on every machine.
func gitEnv() []string {
	return []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Anna", "GIT_AUTHOR_EMAIL=anna@example.com",
		"GIT_COMMITTER_NAME=Anna", "GIT_COMMITTER_EMAIL=anna@example.com", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=init.defaultBranch", "GIT_CONFIG_VALUE_0=main",
	}
}

// Every scenario, judged by the command line in a clone whose branch holds the change, half of it not committed yet.
func TestScenarios(t *testing.T) {
	for _, s := range scenario.Load(t, "../validate/testdata") {
		t.Run(s.Name, func(t *testing.T) {
			checkScenario(t, s)
		})
	}
}
