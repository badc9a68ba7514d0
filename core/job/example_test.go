package job_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/job"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "stint")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "stint.db")+"?_txlock=immediate&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := job.Migrate(ctx, db); err != nil {
		log.Fatal(err)
	}
	outbox, err := job.NewOutbox()
	if err != nil {
		log.Fatal(err)
	}

	sent := make(chan struct{})
	runner := job.NewRunner(job.Options{DB: db, Outbox: outbox, Send: func(_ context.Context, d core.Delivery) error {
		fmt.Println("sent", d.ID, "to", d.Notice.Address)
		close(sent)
		return nil
	}})
	if err := runner.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer runner.Stop(ctx)

	tx, err := db.BeginTx(ctx, nil) // the transaction of the change itself
	if err != nil {
		log.Fatal(err)
	}
	err = outbox.Insert(ctx, tx, []core.Delivery{{ID: "de_1", Notice: core.Notice{Address: "alice@example.org"}}})
	if err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	<-sent
	// Output: sent de_1 to alice@example.org
}
