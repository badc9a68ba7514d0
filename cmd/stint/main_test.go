package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stint-pim/stint/core/api/server"
)

// The tests of this directory are in package main because testscript runs main
// as the program "stint" of its scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stint": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"office": startOffice,
			"exits":  exits,
		},
	})
}

// setUp gives each script an empty home and a socket that nobody answers on.
func setUp(e *testscript.Env) error {
	for k, v := range map[string]string{
		"HOME": e.WorkDir, "XDG_CONFIG_HOME": filepath.Join(e.WorkDir, "config"), "STINT_SOCKET": filepath.Join(e.WorkDir, "run", "s.sock"),
		"XDG_RUNTIME_DIR": "", "STINT_SERVER": "", "STINT_PASSWORD": "", "STINT_CODE": "", "STINT_TOKEN": "", "TZ": "UTC", "LANG": "C.UTF-8",
	} {
		e.Setenv(k, v)
	}
	return nil
}

// startOffice serves a made-up office on the script's socket.
func startOffice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: office")
	}
	ctx, cancel := context.WithCancel(context.Background())
	l, err := server.ListenSocket(ctx, ts.Getenv("STINT_SOCKET"))
	ts.Check(err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.Options{Gate: newOffice()}, l) }()
	ts.Defer(func() {
		cancel()
		ts.Check(<-done)
	})
}

// exits STATUS ARGS… runs stint and wants this exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS ARGS…")
	}
	// A shell keeps the status in a file, because testscript tells but whether it is 0.
	file := ts.MkAbs(".status")
	err := ts.Exec("sh", append([]string{"-c", `stint "$@"; echo $? >"$0"`, file}, args[1:]...)...)
	ts.Check(err)
	b, err := os.ReadFile(file)
	ts.Check(err)
	if got := string(b); got != args[0]+"\n" {
		ts.Fatalf("exit status %swant %s", got, args[0])
	}
}
