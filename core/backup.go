package core

import (
	"strconv"
	"time"
)

// A backup holds every secret of the store and the key to them. So it takes a
// Global Administrator and a fresh code, and the log says so before the first
// byte leaves. A restored store is not the one it was copied from: sessions
// that were ended, codes that were used and activations that were dropped
// after the copy would all be good again. It forgets them, and says that it
// was restored.

// BeginBackup asks for leave to make a backup.
type BeginBackup struct{}

// NoteBackup writes what came of it.
type NoteBackup struct {
	Bytes   int64  // of the sealed file
	Hash    Hash   // its SHA-256
	Head    Head   // the last entry that the backup holds
	Problem string // why it is not whole; empty: it is
}

// NoteRestore is the first command of a store that was restored.
type NoteRestore struct {
	Made time.Time // when the backup was made
	Head Head      // the last entry it holds
	By   string    // the account of the machine's user who did it, and where
	Step int64     // time step up to which codes of second factors may have been used
}

// Afresh makes old proofs worthless: every session ends, remembered results
// are forgotten, and no code of Step or before it is good any more.
type Afresh struct {
	Step int64
	At   time.Time // of the restore
}

func (BeginBackup) Verb() string { return "backup" }
func (NoteBackup) Verb() string  { return "note-backup" }
func (NoteRestore) Verb() string { return "note-restore" }

// BackupFile is a backup that was made.
type BackupFile struct {
	Bytes int64 `json:"bytes"`
	Hash  Hash  `json:"sha256"`
}

func (d *decider) beginBackup() *Error {
	if err := d.signedIn(); err != nil {
		return err
	}
	if err := d.may(); err != nil {
		return err
	}
	if err := d.prove(); err != nil {
		return err
	}
	d.record(d.entry(BackupBegun))
	return nil
}

func (d *decider) noteBackup(c NoteBackup) *Error {
	e := d.entry(BackupMade)
	if c.Problem != "" {
		e.Outcome = OutcomeFailed
		e.Detail = "stopped after " + strconv.FormatInt(c.Bytes, 10) + " bytes: " + Clip(c.Problem, 300)
	} else {
		e.Detail = strconv.FormatInt(c.Bytes, 10) + " bytes, SHA-256 " + c.Hash.String() + ", up to " + headText(c.Head)
	}
	d.record(e)
	return nil
}

func headText(h Head) string {
	return "entry " + strconv.FormatInt(h.Seq, 10) + " with the hash " + h.Hash.String()
}

func (d *decider) noteRestore(c NoteRestore) *Error {
	if !d.actor.IsEngine() {
		return Errorf(Forbidden, "", "rights.missing", "roles", "Stint")
	}
	e := d.entry(BackupRestored)
	e.Detail = "the backup of " + Clock(c.Made) + ", up to " + headText(c.Head) + ", was restored by " + Clip(stored(c.By), 200) +
		"; every session ended; what happened after the backup is not in this log"
	d.record(e, Afresh{Step: c.Step, At: d.env.Now})
	return nil
}
