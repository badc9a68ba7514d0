package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
)

// recorder is a driver that notes every statement prepared. It offers nothing
// but Prepare, so that all of them are.
type recorder struct {
	path  string
	mu    sync.Mutex
	seen  []string // guarded by mu
	inner sqlite.Driver
}

func (r *recorder) Driver() driver.Driver { return &r.inner }

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	c, err := r.inner.Open("file:" + r.path)
	return recorded{c, r}, err
}

type recorded struct {
	driver.Conn
	r *recorder
}

func (c recorded) Prepare(query string) (driver.Stmt, error) {
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	if !slices.Contains(c.r.seen, query) {
		c.r.seen = append(c.r.seen, query)
	}
	return c.Conn.Prepare(query)
}

// plain is an engine without a word about errors.
type plain struct{}

func (plain) Unique(error) bool     { return false }
func (plain) Fatal(error) bool      { return false }
func (plain) Error(err error) error { return err }

func (plain) Checkpoint(context.Context, *sql.Conn) error { return nil }

// Tables that grow without end. The log is read in its own order, which is no
// look through all of it as long as the reader stops at a page.
var big = regexp.MustCompile(`^SCAN (a|ak|n|g|q|e|c|p|assignments|requests|grants|people|accounts|sessions|factors|credentials|remembered|audit|t|audit_search|audit_keys|asked|m|h)( |$)`)

// walks are the plans that go through a big table, or sort what they found, on
// purpose. Each has its reason.
var walks = []struct{ query, line, why string }{
	{"FROM people$", "SCAN people USING COVERING INDEX", "counting people counts the smallest index"},
	{"FROM people p WHERE", "SCAN p USING INDEX people_name", "a list of people in order of name, one page of it"},
	{"FROM audit ORDER BY seq DESC LIMIT 1", "SCAN audit", "the last entry"},
	{"FROM audit a WHERE 1 = 1 ORDER BY a.seq( DESC)? LIMIT", "SCAN a", "the log in its own order, one page of it"},
	{"FROM audit WHERE time_at < high_at AND seq", "SCAN audit USING INDEX audit_late", "entries written after a clock went back are few"},
	{"FROM audit a WHERE .a.outcome", "SCAN a", "nearly every entry is done"},
	{"DELETE FROM sessions WHERE last_seen_at", "SCAN sessions", "once, when a corrected clock is accepted"},
	{"UPDATE credentials SET locked_till_at", "SCAN credentials", "once, when a corrected clock is accepted"},
	{"UPDATE factors SET locked_till_at", "SCAN factors", "once, when a corrected clock is accepted"},
	{"UPDATE grants SET next_try_at = 0", "SCAN grants USING INDEX grants_state", "once, when a corrected clock is accepted; only what waits"},
	{"FROM grants WHERE .wanted OR", "SCAN grants USING COVERING INDEX grants_busy", "counts by system, of what is wanted or on its way"},
	{"FROM assignments WHERE state = 'scheduled' ORDER BY start_at", "SCAN assignments USING COVERING INDEX assignments_start", "the first of those scheduled"},
	{"UPDATE factors SET last_step", "SCAN factors", "a store that was restored, once"},
	{"FROM assignments WHERE live AND origin = 'assigned' AND .* GROUP BY system_id", "SCAN assignments USING COVERING INDEX assignments_held", "counts what was given, once a week, beside the writer"},
	{"FROM assignments\\nWHERE live AND basis_id <> ''", "SCAN assignments USING INDEX assignments_basis", "counts what runs, once a week, beside the writer"},
	{"FROM grants WHERE pending AND failing_at", "SCAN grants USING COVERING INDEX grants_busy", "counts what is stuck, once a week, beside the writer"},
	{"name: ListMostHeld", "SCAN h", "five roles"},
	{"FROM requests q WHERE 1 = 1", "SCAN q USING COVERING INDEX requests_created", "the newest requests, one page"},
}

// paths are the indexes that the hot path must take: another that also fits is
// one that goes through everybody's rows.
var paths = []struct{ query, line string }{
	{"FROM assignments WHERE grant_id = ", "SEARCH assignments USING INDEX assignments_grant (grant_id=? AND state=?)"},
	{"AS named_id FROM assignments n WHERE n.live AND n.group_id <> '' AND n.via_id = '' AND n.group_id = .[0-9]+ LIMIT", "SEARCH n USING INDEX assignments_group (group_id=? AND via_id=?)"},
	{"SELECT id, .* FROM assignments WHERE remind_at", "SEARCH assignments USING INDEX assignments_remind (remind_at>? AND remind_at<?)"},
	{"AS named_id FROM assignments n WHERE n.state = 'expired' AND n.origin = 'assigned' AND n.ended_at > .[0-9]+ LIMIT", "SEARCH n USING COVERING INDEX assignments_lapsed (ended_at>?)"},
	{"AS named_id FROM assignments n WHERE n.state = 'expired' AND n.origin = 'assigned' AND n.ended_at > .[0-9]+ AND n.principal_id = .[0-9]+ LIMIT", "SEARCH n USING COVERING INDEX assignments_lapsed_of (principal_id=? AND ended_at>?)"},
	{"FROM assignments a\nJOIN grants g ON g.id = a.grant_id\nJOIN roles", "SEARCH a USING INDEX assignments_end (end_at>? AND end_at<?)"},
	{"SELECT id FROM grants WHERE system_id = .* AND state <> 'absent'", "SEARCH grants USING INDEX grants_live (system_id=? AND id>?)"},
	{"FROM audit_keys ak CROSS JOIN audit a WHERE ak.field = 1", "SEARCH ak USING PRIMARY KEY (field=? AND key=? AND seq<?)"},
	{"FROM audit_search t CROSS JOIN audit", "SEARCH t USING INTEGER PRIMARY KEY (rowid<?)"},
	{"FROM asked CROSS JOIN requests q WHERE asked.approver_id IN", "SEARCH asked USING COVERING INDEX sqlite_autoindex_asked_1 (approver_id=?)"},
	{"FROM grants WHERE system_id = .* AND pending AND next_try_at [+] 0", "SEARCH grants USING INDEX grants_pending (system_id=?)"},
}

func TestPlans(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stint.db")
	open(t, path).Close()
	r := &recorder{path: path}
	db, err := storage.New(t.Context(), sql.OpenDB(r), sql.OpenDB(r), storage.Options{Engine: plain{}, Behind: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ask(t, db)
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	planned, used, taken := 0, map[string]bool{}, map[int]bool{}
	for _, q := range r.seen {
		if strings.HasPrefix(strings.TrimSpace(q), "PRAGMA") {
			continue
		}
		rows, err := raw.Query("EXPLAIN QUERY PLAN "+q, make([]any, parameters(q))...)
		if err != nil {
			t.Fatalf("%v in %s", err, q)
		}
		var lines []string
		for rows.Next() {
			var id, parent, unused int
			var line string
			if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		planned++
		if testing.Verbose() {
			t.Log(q + "\n    " + strings.Join(lines, "\n    "))
		}
		for i, p := range paths {
			if regexp.MustCompile(p.query).MatchString(q) {
				taken[i] = true
				if !slices.Contains(lines, p.line) {
					t.Errorf("%s, not %s, in\n%s", strings.Join(lines, "; "), p.line, q)
				}
			}
		}
		for _, line := range lines {
			if !big.MatchString(line) {
				continue
			}
			ok := false
			for _, w := range walks {
				if regexp.MustCompile(w.query).MatchString(strings.TrimSpace(q)) && strings.HasPrefix(line, w.line) {
					ok, used[w.why] = true, true
				}
			}
			if !ok {
				t.Errorf("%s in\n%s", line, q)
			}
		}
	}
	for i, p := range paths {
		if !taken[i] {
			t.Errorf("no statement is like %q", p.query)
		}
	}
	if planned < 80 {
		t.Errorf("only %d statements were seen", planned)
	}
	for _, w := range walks {
		if !used[w.why] {
			t.Errorf("nothing needs the exception %q any more", w.why)
		}
	}
}

var parameter = regexp.MustCompile(`\$([0-9]+)`)

func parameters(query string) (n int) {
	for _, m := range parameter.FindAllStringSubmatch(query, -1) {
		if i, err := strconv.Atoi(m[1]); err == nil {
			n = max(n, i)
		}
	}
	return n
}

// ask uses every list with the filters of screens.
func ask(t *testing.T, db *storage.DB) {
	ctx := t.Context()
	// What is written behind the log is asked once it holds something.
	err := db.Update(ctx, func(tx core.Tx) error {
		e := core.Entry{Time: time.Unix(9, 0), Actor: "pe_1", Action: core.SignedIn, Outcome: core.OutcomeDone}
		e.Seal(tx.Head())
		return tx.Apply(core.Event{Entry: e})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Standing(ctx, time.Unix(9, 0), time.Unix(9, 0)); err != nil {
		t.Fatal(err)
	}
	live := []core.AssignmentState{core.Scheduled, core.InForce}
	for _, f := range []core.AssignmentFilter{
		{}, {ID: "as_1"}, {Principal: "pe_1"}, {Role: "ro_1"}, {System: "sy_1"}, {States: live}, {Text: "x"}, {Principal: "pe_1", Text: "x"},
		{States: live, GrantStates: []core.GrantState{core.GrantRemoving}}, {Principal: "pe_1", States: live, GrantStates: []core.GrantState{core.GrantPresent}},
		{Group: "gp_1", States: live},
		{Origin: core.Assigned, EndedAfter: time.Unix(9, 0), States: []core.AssignmentState{core.Expired}},
		{Origin: core.Assigned, EndedAfter: time.Unix(9, 0), States: []core.AssignmentState{core.Expired}, Principal: "pe_1"},
	} {
		for _, p := range []core.Page{{}, {After: "eyJsIjoiYXNzaWdubWVudHMifQ"}} {
			if _, err := db.Assignments(ctx, f, p); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.CountAssignments(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []core.EntryFilter{
		{}, {Person: "pe_1"}, {Role: "ro_1"}, {System: "sy_1"}, {Action: core.SignedIn}, {Outcome: core.OutcomeDone}, {Outcome: core.OutcomeFailed}, {Text: "x"},
		{Person: "pe_1", Role: "ro_1", System: "sy_1", Action: core.SignedIn, Outcome: core.OutcomeFailed, Text: "x"}, {AfterSeq: 9},
	} {
		if _, err := db.Entries(ctx, f, core.Page{}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.CountEntries(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []core.RequestFilter{{}, {Principal: "pe_1"}, {Role: "ro_1"}, {Statuses: []core.Status{core.Granted, core.Failed}},
		{Principal: "pe_1", Statuses: []core.Status{core.Granted, core.Failed}}, {Asked: []core.PersonID{"pe_1", "pe_2"}}} {
		if _, err := db.Requests(ctx, f, core.Page{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []core.PersonFilter{{}, {ID: "pe_1"}, {Text: "x"}} {
		if _, err := db.PeopleList(ctx, f, core.Page{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []core.RoleFilter{{}, {System: "sy_1"}, {Text: "x"}} {
		if _, err := db.Roles(ctx, f, core.Page{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Read(ctx, func(v core.View) error { v.Holders("ro_1", "ro_2"); return v.Err() }); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(ctx, func(tx core.Tx) error {
		return tx.Apply(core.Event{Changes: []core.Change{core.Person{ID: "pe_1", Name: "x"},
			core.Assignment{ID: "as_1", Principal: "pe_1", Role: "ro_1", State: core.Expired, Grant: "gr_1", Basis: "as_0"}}})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Assignments(ctx, core.AssignmentFilter{Text: "x"}, core.Page{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Story(ctx, "as_1"); err != nil {
		t.Fatal(err)
	}
}
