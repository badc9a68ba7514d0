package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/client"
)

// stdio is the world around the program, so that tests can make their own.
type stdio struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Open     opener
	VerifyDB verifier
}

// app is one run of the program.
type app struct {
	stdio
	server, caFile, data string // flags
	json                 bool

	founding bool // the command may make a store where there is none
	began    bool // a command's own code runs; before that an error is one of usage
	in       *bufio.Reader
	gate     core.Gate
	alone    bool // the store is open in this process
	cleanup  []func() error
}

const exitCodes = `Exit status:
  0  done                                  6  no such thing
  1  a fault inside Stint                  7  it exists already, or changed meanwhile
  2  something in the request is wrong     8  refused by a rule or a role's settings
  3  not signed in                         9  locked after too many wrong attempts
  4  a fresh code is needed, or was wrong  10 a server or system can't be reached
  5  your roles don't allow it             11 interrupted
`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stint",
		Short: "Privileges for exactly as long as they are needed",
		Long: `stint activates, assigns and takes back privileged roles, and shows who had which when.

It talks to the running window or server of this user, to another with --server,
and opens the store itself where none runs.

Passwords and codes are asked for at a terminal. Scripts give them in STINT_PASSWORD
and STINT_CODE, or as lines on standard input with --password - and --code -.

` + exitCodes,
		Example: `  stint login alice
  stint roles
  stint activate db_owner@prod-db --for 45m --why "restore customer table" --code 123456
  stint drop --all
  stint audit export -o audit.csv && stint audit verify audit.csv`,
		SilenceErrors: true, SilenceUsage: true,
	}
	f := root.PersistentFlags()
	f.StringVar(&a.server, "server", a.Getenv("STINT_SERVER"), "server to talk to: unix:///path or https://host (default: that of this user)")
	f.StringVar(&a.caFile, "ca-file", a.Getenv("STINT_CA_FILE"), "PEM file of authorities to trust besides the system's")
	f.StringVar(&a.data, "data", "", "directory of the store to open where no server runs")
	f.BoolVar(&a.json, "json", false, "write JSON, for programs")
	root.AddCommand(
		a.statusCommand(), a.rolesCommand(), a.activateCommand(), a.dropCommand(), a.prolongCommand(),
		a.requestsCommand(), a.cancelCommand(), a.approvalsCommand(), a.approveCommand(), a.denyCommand(), a.deputyCommand(),
		a.assignCommand(), a.unassignCommand(), a.extendCommand(), a.renewCommand(), a.assignmentsCommand(), a.systemsCommand(), a.policyCommand(), a.mailCommand(), a.peopleCommand(), a.groupsCommand(), a.auditCommand(),
		a.loginCommand(), a.logoutCommand(), a.passwordCommand(), a.factorCommand(), a.setupCommand(), a.serveCommand(), a.clockCommand(), a.backupCommand(), a.restoreCommand(), a.doCommand(), a.versionCommand(),
	)
	return root
}

// command makes a cobra command whose errors are those of core.
func (a *app) command(use, short string, args cobra.PositionalArgs, f func(context.Context, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.began = true
			return f(cmd.Context(), args)
		},
	}
}

// report writes an error and returns the exit status.
func (a *app) report(err error) int {
	if err == nil {
		return 0
	}
	var e *core.Error
	switch {
	case errors.As(err, &e):
	case !a.began:
		e = &core.Error{Code: core.Invalid, Message: sentence(err.Error())}
	case errors.Is(err, context.Canceled):
		e = core.Errorf(core.Canceled, "", "api.canceled")
	default:
		e = &core.Error{Code: core.Internal, Message: err.Error()}
	}
	if a.json {
		_ = json.NewEncoder(a.Err).Encode(api.ProblemOf(e))
		return api.Exit(e)
	}
	fmt.Fprintln(a.Err, "stint: "+plain(e.Message))
	// What a connection failed of says more than that it failed.
	ours := strings.HasPrefix(string(e.Key), "api.") || strings.HasPrefix(string(e.Key), "cli.") || strings.HasPrefix(string(e.Key), "audit.") || strings.HasPrefix(string(e.Key), "config.")
	if cause := errors.Unwrap(e); cause != nil && ours && (e.Code == core.Unavailable || e.Code == core.Invalid || e.Code == core.NotFound) {
		fmt.Fprintln(a.Err, "  "+plain(cause.Error()))
	}
	switch e.Code {
	case core.Unauthenticated:
		fmt.Fprintln(a.Err, "  Sign in with: stint login")
	case core.ProofRequired:
		fmt.Fprintln(a.Err, "  Give a fresh code with --code, or in STINT_CODE.")
	}
	return api.Exit(e)
}

// sentence makes one of what cobra says.
func sentence(s string) string {
	s = strings.TrimRight(strings.Join(strings.Fields(s), " "), ". ")
	s = strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
	if strings.HasSuffix(s, "--help") {
		return s
	}
	return s + ". See: stint --help"
}

func (a *app) close() {
	for i := len(a.cleanup) - 1; i >= 0; i-- {
		if err := a.cleanup[i](); err != nil {
			fmt.Fprintln(a.Err, "stint: "+plain(err.Error()))
		}
	}
}

// connect finds the gate: the server named, or that of this user, or the store
// itself where no server answers.
func (a *app) connect(ctx context.Context) (core.Gate, error) {
	if a.gate != nil {
		return a.gate, nil
	}
	named := a.server != ""
	address := a.server
	if !named {
		conf, err := a.configured()
		if err != nil {
			return nil, err
		}
		address = "unix://" + conf.Socket
	}
	c, err := client.New(client.Options{Server: address, From: api.FromCommandLine, CAFile: a.caFile})
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, func() error { c.Close(); return nil })
	if named {
		a.gate = c
		return c, nil
	}
	_, err = c.State(ctx)
	if err == nil {
		a.gate = c
		return c, nil
	}
	if !errors.Is(err, &core.Error{Code: core.Unavailable, Key: "api.unreachable"}) {
		return nil, err
	}
	return a.openAlone(ctx, slog.New(slog.DiscardHandler), a.founding)
}

// openAlone opens the store in this process. Only found makes one where there
// is none: a question on a fresh machine shall leave no files behind.
func (a *app) openAlone(ctx context.Context, log *slog.Logger, found bool) (core.Gate, error) {
	conf, err := a.configured()
	if err != nil {
		return nil, err
	}
	gate, closeStore, err := a.Open(ctx, storeOptions{Data: conf.DataDir, URL: conf.PublicURL, KeyFile: conf.KeyFile, Log: log, Make: found})
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, closeStore)
	a.gate, a.alone = gate, true
	return gate, nil
}

// service returns what the person who signed in here may do.
func (a *app) service(ctx context.Context) (core.Service, error) {
	gate, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	token, err := a.loadToken()
	if err != nil {
		return nil, err
	}
	svc, err := gate.Resume(ctx, token)
	if core.CodeOf(err) == core.Unauthenticated && a.server == "" && !a.alone {
		// A server of this user that was set up anew does not know old sessions.
		if state, serr := gate.State(ctx); serr == nil && state.Empty {
			return nil, core.Errorf(core.Unauthenticated, "", "cli.empty")
		}
	}
	return svc, err
}

// warnAlone says what it means that no server runs, to whoever makes something
// that must end in time.
func (a *app) warnAlone() {
	if a.alone {
		fmt.Fprintln(a.Err, "stint: no server is running. What you activate ends on time only while Stint runs: open the window, or start “stint serve”.")
	}
}

// line reads one line of standard input.
func (a *app) line() (string, error) {
	if a.in == nil {
		a.in = bufio.NewReaderSize(a.In, 4096)
	}
	s, err := a.in.ReadString('\n')
	if err != nil && (s == "" || !errors.Is(err, io.EOF)) {
		return "", core.Errorf(core.Invalid, "", "cli.no_input")
	}
	return strings.TrimRight(s, "\r\n"), nil
}
