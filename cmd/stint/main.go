// Command stint is Stint without a window: it asks the server of this user, or
// another, for everything that the window shows; it is that server when told
// to serve; and where no server runs it opens the store itself.
//
// It decides nothing: rules stand in core, behind core.Service. Read app.go for
// how a command finds its server and its session, then the file of a command.
package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
	_ "time/tzdata" // Windows and small containers have no list of time zones
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], stdio{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Open: openStore, VerifyDB: verifyStore,
	})
	stop()
	os.Exit(code)
}

// run does what args ask for and returns the exit status.
func run(ctx context.Context, args []string, io stdio) int {
	a := &app{stdio: io}
	defer a.close()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(io.In)
	root.SetOut(io.Out)
	root.SetErr(io.Err)
	err := root.ExecuteContext(ctx)
	a.json = a.json || slices.Contains(args, "--json") // of a line that could not be read
	return a.report(err)
}
