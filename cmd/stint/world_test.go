package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/mail/mailtest"
)

// patience bounds every wait of a script. Nothing takes a tenth of it.
const patience = 30 * time.Second

// world is what scripts find outside of Stint: real PostgreSQL clusters and
// real mail servers, one of each for a script that asks.
type world struct {
	t        *testing.T
	mu       sync.Mutex
	clusters map[string]*pgtest.Cluster  // by the script's directory; guarded by mu
	posts    map[string]*mailtest.Server // likewise
	talks    map[*mailtest.Server]int    // how many connections the script knows of; guarded by mu
}

func newWorld(t *testing.T) *world {
	return &world{t: t, clusters: map[string]*pgtest.Cluster{}, posts: map[string]*mailtest.Server{}, talks: map[*mailtest.Server]int{}}
}

func (w *world) cluster(ts *testscript.TestScript) *pgtest.Cluster {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.clusters[ts.Getenv("WORK")]
	if c == nil {
		ts.Fatalf("no cluster: say postgres first")
	}
	return c
}

// postgres starts a cluster and says in DBHOST, DBPORT, DBUSER, DBPASS and
// DBCA how to reach it. Without PostgreSQL the script fails.
func (w *world) postgres(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: postgres")
	}
	c, err := pgtest.Start(pgtest.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(c.Close()) })
	w.mu.Lock()
	w.clusters[ts.Getenv("WORK")] = c
	w.mu.Unlock()
	for k, v := range map[string]string{"DBHOST": c.Host, "DBPORT": strconv.Itoa(c.Port), "DBUSER": c.User, "DBPASS": c.Password} {
		ts.Setenv(k, v)
	}
	// The superuser's authority file belongs to the server's account; a copy is ours.
	ca, err := os.ReadFile(c.CAFile)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("ca.crt"), ca, 0o644))
	ts.Setenv("DBCA", ts.MkAbs("ca.crt"))
}

// power down|crash|up stops or starts the cluster.
func (w *world) power(ts *testscript.TestScript, neg bool, args []string) {
	c := w.cluster(ts)
	switch {
	case neg || len(args) != 1:
		ts.Fatalf("usage: power down|crash|up")
	case args[0] == "down":
		ts.Check(c.Down(syscall.SIGINT))
	case args[0] == "crash":
		ts.Check(c.Down(syscall.SIGQUIT))
	case args[0] == "up":
		ts.Check(c.Up())
	default:
		ts.Fatalf("power %s?", args[0])
	}
}

// sql STATEMENT… runs statements as the superuser.
func (w *world) sql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: sql STATEMENT…")
	}
	c := w.cluster(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := c.Connect(ctx, c.User, c.Password)
	ts.Check(err)
	defer conn.Close(ctx)
	for _, s := range args {
		_, err := conn.Exec(ctx, s)
		ts.Check(err)
	}
}

// holds ROLE ACCOUNT asks the cluster itself whether the account is a member.
func (w *world) holds(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] holds ROLE ACCOUNT")
	}
	c := w.cluster(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := c.Connect(ctx, c.User, c.Password)
	ts.Check(err)
	defer conn.Close(ctx)
	var n int
	err = conn.QueryRow(ctx, `select count(*) from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles a on a.oid = m.member
		where r.rolname = $1 and a.rolname = $2`, args[0], args[1]).Scan(&n)
	ts.Check(err)
	if (n == 1) == neg {
		ts.Fatalf("%q is in %q: %v", args[1], args[0], n == 1)
	}
}

// until PATTERN ARGS… runs stint until its output matches: for what happens by
// itself, in the server's own time.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN ARGS…")
	}
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ts.Exec("stint", args[1:]...)
		out := ts.ReadFile("stdout")
		if err == nil && re.MatchString(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v never came in:\n%s%s", re, out, ts.ReadFile("stderr"))
		}
		<-tick.C
	}
}

// request STATUS METHOD PATH [FILE] speaks HTTP to the script's server by hand,
// with the token in TOKEN, and puts the answer into the file "answer".
func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: request STATUS METHOD PATH [FILE]")
	}
	var body io.Reader
	if len(args) == 4 {
		b, err := os.ReadFile(ts.MkAbs(args[3]))
		ts.Check(err)
		body = bytes.NewReader(b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, args[1], "http://stint", body)
	ts.Check(err)
	req.URL.Opaque = args[2] // as it stands: what a client would tidy up is what is tried
	req.Header.Set("Content-Type", "application/json")
	if t := ts.Getenv("TOKEN"); t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", ts.Getenv("STINT_SOCKET"))
	}}
	defer tr.CloseIdleConnections()
	res, err := tr.RoundTrip(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), answer, 0o600))
	if got := strconv.Itoa(res.StatusCode); got != args[0] {
		ts.Fatalf("%s %s: status %s, want %s\n%s", args[1], args[2], got, args[0], answer)
	}
}

// big FILE MEGABYTES makes a file of a JSON string that long.
func big(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(`{"justification":"`+strings.Repeat("x", n<<20)+`"}`), 0o600))
}

func (w *world) post(ts *testscript.TestScript) *mailtest.Server {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.posts[ts.Getenv("WORK")]
	if s == nil {
		s = mailtest.Start(w.t, mailtest.Options{User: "stint", Password: "letter box"})
		w.posts[ts.Getenv("WORK")] = s
	}
	return s
}

// mailserver starts a mail server, or with down and up makes it hang up on
// everybody and stop doing so. MAILHOST, MAILPORT and MAILCA say where it is;
// it wants the user stint and the password "letter box".
func (w *world) mailserver(ts *testscript.TestScript, neg bool, args []string) {
	s := w.post(ts)
	switch strings.Join(args, " ") {
	case "":
		for k, v := range map[string]string{"MAILHOST": s.Host, "MAILPORT": strconv.Itoa(s.Port), "MAILCA": s.CAFile} {
			ts.Setenv(k, v)
		}
	case "down":
		s.HangUp(mailtest.Greeting, 1<<30)
		w.knocked(s)
	case "up":
		s.HangUp(mailtest.Greeting, 0)
	default:
		ts.Fatalf("usage: mailserver [down|up]")
	}
}

// mails N waits until the server has N mails and writes them, as they came, into
// the file "mails". More than N fail it.
//
// mails once N counts copies of one mail once, as mail servers do: who is killed
// between the server's yes and the note of it sends that mail again.
func (w *world) mails(ts *testscript.TestScript, neg bool, args []string) {
	once := len(args) > 0 && args[0] == "once"
	if once {
		args = args[1:]
	}
	want, err := strconv.Atoi(strings.Join(args, ""))
	ts.Check(err)
	post := w.post(ts)
	got := func() []mailtest.Mail {
		all := post.Mails()
		if once {
			all = withoutCopies(ts, all)
		}
		return all
	}
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(got()) < want && time.Now().Before(deadline) {
		<-tick.C
	}
	all := got()
	var out strings.Builder
	for _, m := range all {
		fmt.Fprintf(&out, "=== %s\n", m.To)
		r, err := mail.CreateReader(bytes.NewReader(m.Raw))
		ts.Check(err)
		subject, err := r.Header.Subject()
		ts.Check(err)
		fmt.Fprintf(&out, "Subject: %s\n", subject)
		part, err := r.NextPart()
		ts.Check(err)
		text, err := io.ReadAll(part.Body)
		ts.Check(err)
		fmt.Fprintf(&out, "%s\n", text)
	}
	ts.Check(os.WriteFile(ts.MkAbs("mails"), []byte(out.String()), 0o600))
	if len(all) != want {
		ts.Fatalf("%d mails, want %d:\n%s", len(all), want, out.String())
	}
}

// withoutCopies leaves out mails whose Message-ID came before.
func withoutCopies(ts *testscript.TestScript, all []mailtest.Mail) (out []mailtest.Mail) {
	seen := map[string]bool{}
	for _, m := range all {
		r, err := mail.CreateReader(bytes.NewReader(m.Raw))
		ts.Check(err)
		id, err := r.Header.MessageID()
		ts.Check(err)
		if id == "" {
			ts.Fatalf("a mail has no Message-ID")
		}
		if !seen[id] {
			out = append(out, m)
		}
		seen[id] = true
	}
	return out
}

// tried waits until a delivery was tried: since the mail server went down, or
// since the last time.
func (w *world) tried(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: tried")
	}
	s := w.post(ts)
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !w.knocked(s) {
		if time.Now().After(deadline) {
			ts.Fatalf("nobody tried to send")
		}
		<-tick.C
	}
}

// knocked reports whether there were connections since the last call.
func (w *world) knocked(s *mailtest.Server) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.talks[s]
	w.talks[s] = s.Talks()
	return w.talks[s] > before
}

// throwaway GROUP USER makes a group and an account of this machine that go
// with the script, and puts their names into the variables.
func throwaway(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: throwaway GROUPVAR USERVAR")
	}
	name := strings.ToLower("stint-" + rand.Text()[:12])
	run := func(program string, args ...string) {
		out, err := exec.Command(program, args...).CombinedOutput()
		if err != nil {
			ts.Fatalf("%s %v: %v\n%s", program, args, err, out)
		}
	}
	run("groupadd", name+"-g")
	ts.Defer(func() { run("groupdel", name+"-g") })
	run("useradd", "-M", "-N", "-s", "/usr/sbin/nologin", name)
	ts.Defer(func() { run("userdel", name) })
	ts.Setenv(args[0], name+"-g")
	ts.Setenv(args[1], name)
}

// nobody VAR makes a directory that belongs to the account nobody, where only
// that gets in, and puts its path into VAR.
func nobody(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nobody VAR")
	}
	dir, err := os.MkdirTemp("", "stint-nobody-")
	ts.Check(err)
	ts.Defer(func() { ts.Check(os.RemoveAll(dir)) })
	ts.Check(os.Chown(dir, 65534, 65534))
	ts.Setenv(args[0], dir)
}
