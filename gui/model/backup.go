package model

import (
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// BackupStale is after how long without one a backup is called for.
const BackupStale = 7 * 24 * time.Hour

// LastBackup says when everything was last backed up; last is nil where it
// never was.
func LastBackup(t *Text, last *core.Entry, now time.Time) (Mark, string) {
	switch {
	case last == nil:
		return Mark{Word: t.T("pages.settings.backup.never"), Tone: ToneWarn}, t.T("pages.settings.backup.never.text")
	case now.Sub(last.Time) > BackupStale:
		return Mark{Word: t.Ago(last.Time, now), Tone: ToneWarn}, t.T("pages.settings.backup.old.text", "when", t.DateTime(last.Time), "by", last.ActorName)
	}
	return Mark{Word: t.Ago(last.Time, now), Tone: ToneGood}, t.T("pages.settings.backup.last.text", "when", t.DateTime(last.Time), "by", last.ActorName)
}

// BackupForm is a backup that is asked for.
type BackupForm struct{ Passphrase, Again, File string }

// Check says what is wrong before anything is sent, or nil.
func (f BackupForm) Check() error {
	switch {
	case f.Passphrase == "":
		return core.Errorf(core.Invalid, "passphrase", "pages.field.empty")
	case f.Passphrase != f.Again:
		return core.Errorf(core.Invalid, "again", "pages.backup.differs")
	case strings.TrimSpace(f.File) == "":
		return core.Errorf(core.Invalid, "file", "pages.field.empty")
	}
	return nil
}

// Bytes writes a size.
func (t *Text) Bytes(n int64) string {
	unit := []string{"kB", "MB", "GB"}
	if n < 1000 {
		return t.Number(n) + " B"
	}
	v := float64(n) / 1000
	for len(unit) > 1 && v >= 1000 {
		v, unit = v/1000, unit[1:]
	}
	tenths := int64(v*10 + 0.5)
	s := t.Number(tenths / 10)
	if v < 100 && tenths%10 != 0 {
		point := "."
		if t.Language() == "de" {
			point = ","
		}
		s += point + string(rune('0'+tenths%10))
	}
	return s + " " + unit[0]
}

// Restored is what a restore did.
type Restored struct {
	Of              string // the organisation or computer
	Made            time.Time
	Entries         int64
	People, Systems int64
	Ended           int    // activations that were running in the backup
	Aside           string // where what was there is kept; empty: there was nothing
}

// RestoredFacts says it.
func RestoredFacts(t *Text, r Restored) []Fact {
	list := []Fact{
		{Label: t.T("restore.of"), Value: r.Of},
		{Label: t.T("restore.made"), Value: t.DateTime(r.Made)},
		{Label: t.T("restore.holds"), Value: t.T("restore.holds.value", "people", t.Number(r.People), "systems", t.Number(r.Systems))},
		{Label: t.T("restore.log"), Value: t.T("restore.log.value", "entries", t.Number(r.Entries))},
	}
	if r.Ended > 0 {
		list = append(list, Fact{Label: t.T("restore.ended"), Value: t.Number(int64(r.Ended))})
	}
	if r.Aside != "" {
		list = append(list, Fact{Label: t.T("restore.aside"), Value: r.Aside, Mono: true})
	}
	return list
}

// RestoredNotes are what is to be known then, most pressing first.
func RestoredNotes(t *Text) []string {
	return []string{t.T("restore.know.grants"), t.T("restore.know.people"), t.T("restore.know.codes")}
}
