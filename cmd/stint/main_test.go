package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/server"
	"github.com/stint-pim/stint/core/auth/mfa"
)

// The tests of this directory are in package main because testscript runs main
// as the program "stint" of its scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stint": main})
}

// TestScripts tells the stories. In short form, which is that of the race
// detector, it tells those in which most happens at once; the others start the
// program hundreds of times, one call after another.
func TestScripts(t *testing.T) {
	p := testscript.Params{Dir: "testdata"}
	if testing.Short() {
		p = testscript.Params{Files: []string{"testdata/activate.txtar", "testdata/approve.txtar", "testdata/kill.txtar", "testdata/mail.txtar", "testdata/session.txtar"}}
	}
	runScripts(t, p)
}

// TestF13And14Serve moves the clock of a real server, and freezes it.
func TestF13And14Serve(t *testing.T) {
	frozen := "20"
	if testing.Short() {
		frozen = "6"
	}
	runScripts(t, testscript.Params{Files: []string{"testdata/faults/clock.txtar"}, Setup: func(e *testscript.Env) error {
		e.Setenv("FROZEN", frozen)
		return setUp(e)
	}})
}

func runScripts(t *testing.T, p testscript.Params) {
	w := newWorld(t)
	if p.Setup == nil {
		p.Setup = setUp
	}
	testscript.Run(t, testscript.Params{
		Dir: p.Dir, Files: p.Files, Setup: p.Setup,
		RequireExplicitExec: true,
		Condition: func(c string) (bool, error) {
			if c != "root" {
				return false, fmt.Errorf("no condition %q", c)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"office":     startOffice,
			"exits":      exits,
			"ready":      ready,
			"totp":       totp,
			"codes":      codes,
			"field":      field,
			"until":      until,
			"throwaway":  throwaway,
			"nobody":     nobody,
			"request":    request,
			"big":        big,
			"person":     person,
			"item":       item,
			"json":       asJSON,
			"token":      token,
			"socket":     socket,
			"refusals":   refusals,
			"founder":    founder,
			"postgres":   w.postgres,
			"power":      w.power,
			"sql":        w.sql,
			"holds":      w.holds,
			"mailserver": w.mailserver,
			"mails":      w.mails,
			"tried":      w.tried,
		},
	})
}

// setUp gives each script an empty home and a socket that nobody answers on.
func setUp(e *testscript.Env) error {
	for k, v := range map[string]string{
		"HOME": e.WorkDir, "XDG_CONFIG_HOME": filepath.Join(e.WorkDir, "config"), "STINT_SOCKET": filepath.Join(e.WorkDir, "run", "s.sock"),
		"XDG_RUNTIME_DIR": "", "XDG_DATA_HOME": "", "STINT_DATA_DIR": "", "DBUS_SESSION_BUS_ADDRESS": "", "STINT_SERVER": "", "STINT_PASSWORD": "", "STINT_CODE": "", "STINT_TOKEN": "", "TZ": "UTC", "LANG": "C.UTF-8",
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

// ready waits until a server answers on the script's socket.
func ready(ts *testscript.TestScript, neg bool, _ []string) {
	if neg {
		ts.Fatalf("usage: ready")
	}
	answers(ts, ts.Getenv("STINT_SOCKET"))
}

// socket FILE waits until a server answers there.
func socket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: socket FILE")
	}
	answers(ts, ts.MkAbs(args[0]))
}

func answers(ts *testscript.TestScript, socket string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("no server: %v", err)
		}
	}
}

// totp VAR puts the code that the key in the last output shows now into VAR.
func totp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: totp VAR")
	}
	var offer struct{ Secret string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &offer))
	ts.Setenv(args[0], mfa.Code(core.NewSecret(offer.Secret), time.Now()))
}

// codes PREFIX puts the recovery codes of the last output into PREFIX1 to
// PREFIX10. Each is as good as a code, and a script need not wait 30 seconds
// for the next.
func codes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: codes PREFIX")
	}
	var out struct{ Codes []string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &out))
	for i, c := range out.Codes {
		ts.Setenv(fmt.Sprint(args[0], i+1), c)
	}
}

// person LOGIN FIRST PASSWORD PREFIX lets somebody who was added come in for
// the first time: signs in with the first password, changes it, enrols a second
// factor. The recovery codes are in PREFIX1 to PREFIX10, the code that was used
// to enrol is in PREFIXUSED. The session is kept in $WORK/LOGIN.
func person(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: person LOGIN FIRST PASSWORD PREFIX")
	}
	login, first, password, prefix := args[0], args[1], args[2], args[3]
	ts.Setenv("STINT_CONFIG_DIR", ts.MkAbs(login))
	ts.Setenv("STINT_PASSWORD", first)
	ts.Setenv("STINT_NEW_PASSWORD", password)
	ts.Check(ts.Exec("stint", "login", login))
	ts.Check(ts.Exec("stint", "password"))
	ts.Setenv("STINT_PASSWORD", password)
	ts.Setenv("STINT_NEW_PASSWORD", "")
	ts.Check(ts.Exec("stint", "factor", "begin", "--json"))
	totp(ts, false, []string{prefix + "USED"})
	ts.Check(ts.Exec("stint", "factor", "confirm", ts.Getenv(prefix+"USED"), "--json"))
	codes(ts, false, []string{prefix})
}

// founder sets the store up as Alice, who enrols her second factor. Her
// recovery codes are in A1 to A10, her session in $WORK/alice.
func founder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: founder")
	}
	ts.Setenv("STINT_CONFIG_DIR", ts.MkAbs("alice"))
	ts.Setenv("STINT_PASSWORD", "grey-otter.sails 7 moons")
	ts.Check(ts.Exec("stint", "setup", "--name", "Alice Adler", "--login", "alice", "--mail", "alice@example.org", "--organisation", "Example & Söhne"))
	ts.Check(ts.Exec("stint", "factor", "begin", "--json"))
	totp(ts, false, []string{"AUSED"})
	ts.Check(ts.Exec("stint", "factor", "confirm", ts.Getenv("AUSED"), "--json"))
	codes(ts, false, []string{"A"})
}

// field NAME VAR puts a field of the last output's JSON into VAR.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: field NAME VAR")
	}
	var out map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &out))
	value, ok := out[args[0]].(string)
	if !ok {
		ts.Fatalf("no field %s in the last output", args[0])
	}
	ts.Setenv(args[1], value)
}

// item NAME VAR puts a field of the first item of the last result into VAR.
func item(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: item NAME VAR")
	}
	var out struct{ Items []map[string]any }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &out))
	value, ok := out.Items[0][args[0]].(string)
	if !ok {
		ts.Fatalf("no %s in the last result's first item", args[0])
	}
	ts.Setenv(args[1], value)
}

// token VAR puts the token of the session in STINT_CONFIG_DIR into VAR.
func token(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: token VAR")
	}
	files, err := filepath.Glob(filepath.Join(ts.Getenv("STINT_CONFIG_DIR"), "sessions", "*.json"))
	ts.Check(err)
	var kept tokenFile
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(files[0])), &kept))
	ts.Setenv(args[0], kept.Token)
}

// refusals VERB=N… wants at least so many refusals of a command among the
// entries in the last output.
func refusals(ts *testscript.TestScript, neg bool, args []string) {
	var entries []core.Entry
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &entries))
	for _, arg := range args {
		verb, text, _ := strings.Cut(arg, "=")
		want, err := strconv.Atoi(text)
		ts.Check(err)
		got := 0
		for _, e := range entries {
			if strings.HasPrefix(e.Detail, verb+":") || strings.HasPrefix(e.Detail, verb+" ") {
				got++
			}
		}
		if got < want {
			ts.Fatalf("%d entries of refused %s, want %d", got, verb, want)
		}
	}
}

// asJSON ARGS… runs stint with --json and wants one JSON document and nothing
// else; with a ! in front, a problem in JSON on standard error.
func asJSON(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("stint", append(args, "--json")...)
	if (err != nil) != neg {
		ts.Fatalf("stint %v --json: %v", args, err)
	}
	text := ts.ReadFile("stdout")
	if neg {
		text = ts.ReadFile("stderr")
	}
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		ts.Fatalf("stint %v --json wrote no JSON (%v):\n%s", args, err, text)
	}
	if problem, _ := v.(map[string]any); neg && (problem["code"] == nil || problem["message"] == nil) {
		ts.Fatalf("no problem:\n%s", text)
	}
}
