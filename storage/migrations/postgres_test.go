package migrations_test

import (
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector/connectortest/pgtest"
	"github.com/stint-pim/stint/storage/migrations"
	"github.com/stint-pim/stint/storage/storagetest"
)

// The steps run on PostgreSQL, with the rows of an old store in it: those that
// differ from SQLite's find the same. Steps go forward only and hold nothing but
// statements, so that each file is run as it is.
func TestOldRowsOnPostgres(t *testing.T) {
	c := pgtest.New(t)
	ctx := t.Context()
	db, err := c.Connect(ctx, c.User, c.Password)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(ctx) }()
	run := func(statements string) {
		t.Helper()
		if _, err := db.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
			t.Fatalf("%v in %s", err, statements)
		}
	}
	steps := migrations.For(migrations.Postgres)
	files, err := fs.Glob(steps, "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d steps, %v", len(files), err)
	}
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	filled := false
	for _, name := range files {
		if !filled && name > "00009_approval.sql" {
			filled = true
			for _, s := range storagetest.OldRows(now) {
				run(s)
			}
		}
		text, err := fs.ReadFile(steps, name)
		if err != nil {
			t.Fatal(err)
		}
		run(string(text))
	}
	list := func(query string) []string {
		t.Helper()
		rows, err := db.Query(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if diff := cmp.Diff(storagetest.OldAsked(), list(`SELECT approver_id || ' ' || request_id FROM asked ORDER BY (approver_id || ' ' || request_id) COLLATE "C"`)); diff != "" {
		t.Errorf("who is asked (-want +got):\n%s", diff)
	}
	far := now.Add(100*24*time.Hour - core.ExtendWindow).UnixMicro()
	soon := now.Add(10*24*time.Hour - core.ExtendWindow).UnixMicro()
	want := []string{fmt.Sprint("as_far ", far), fmt.Sprint("as_soon ", soon)}
	if diff := cmp.Diff(want, list(`SELECT id || ' ' || remind_at FROM assignments WHERE remind_at > 0 AND group_id = '' AND via_id = '' ORDER BY id`)); diff != "" {
		t.Errorf("what is reminded of (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"as_over"}, list(`SELECT id FROM assignments WHERE state = 'expired' AND origin = 'assigned'`)); diff != "" {
		t.Errorf("what expired (-want +got):\n%s", diff)
	}
}
