package core

import (
	"strconv"
	"time"
)

// TroubleKind says what is wrong. The sentences of a kind are in the catalogue
// under "trouble.<kind>.title" and "trouble.<kind>.text".
type TroubleKind string

const (
	TroubleClock       TroubleKind = "clock"        // the machine slept, or its clock was set forward
	TroubleClockBehind TroubleKind = "clock-behind" // Stint's time is ahead of the machine's clock
	TroubleDisk        TroubleKind = "disk"         // the disk takes nothing more; access still ends
	// TroubleNoReserve is a full disk on which nothing was kept for ending access.
	TroubleNoReserve TroubleKind = "no_reserve"
	TroubleBroken    TroubleKind = "broken" // the disk failed; nothing more is written
	TroubleStuck     TroubleKind = "stuck"  // access that is over could not be taken back yet
	TroubleSystem    TroubleKind = "system" // a system does not answer, or does not let Stint in
	TroubleMail      TroubleKind = "mail"   // mails have been waiting because the mail server doesn't take them
	// TroubleRestored is what a system was seen to hold after a restore of which
	// the backup knows nothing.
	TroubleRestored TroubleKind = "restored"
)

// Severity of a trouble, by what it means for access.
type Severity string

const (
	SeverityInfo Severity = "info" // good to know
	SeverityWarn Severity = "warn" // something doesn't work; nobody has access that he should not have
	SeverityBad  Severity = "bad"  // access may outlast its end, or Stint can't do its work
)

// Trouble is something that is wrong now and touches access. Whoever is signed
// in is shown it for as long as it lasts; it is computed, not stored.
type Trouble struct {
	Kind     TroubleKind       `json:"kind"`
	Severity Severity          `json:"severity"`
	Since    time.Time         `json:"since,omitzero"`
	Args     map[string]string `json:"args,omitempty"` // for the places in the sentences
}

// Title is the key of what happened, in a few words.
func (t Trouble) Title() TextKey { return TextKey("trouble." + string(t.Kind) + ".title") }

// Text is the key of what it means for access, and what is done by itself.
func (t Trouble) Text() TextKey { return TextKey("trouble." + string(t.Kind) + ".text") }

// Troubles returns what systems and assignments tell: one stuck removal or
// more per system is one trouble, a system that does not answer is another
// where nothing is stuck on it. removing are rows whose grant is being removed.
func Troubles(now time.Time, systems []SystemRow, removing []AssignmentRow) []Trouble {
	var out []Trouble
	at := map[SystemID]int{}
	for _, r := range removing {
		if r.GrantState != GrantRemoving || !r.Stuck(now) {
			continue
		}
		i, ok := at[r.System]
		if !ok {
			i = len(out)
			at[r.System] = i
			out = append(out, Trouble{Kind: TroubleStuck, Severity: SeverityBad, Since: r.GrantFailing,
				Args: map[string]string{"system": r.SystemName, "n": "0", "role": r.RoleName, "person": r.PrincipalName, "why": r.GrantError}})
		}
		n, _ := strconv.Atoi(out[i].Args["n"]) // ours
		out[i].Args["n"] = strconv.Itoa(n + 1)
		if r.GrantFailing.Before(out[i].Since) {
			out[i].Since = r.GrantFailing
		}
	}
	for _, r := range systems {
		_, stuck := at[r.ID]
		if stuck || r.Kind == KindStint || r.State == SystemRemoved || r.Health.Error == "" || now.Sub(r.Health.Since) < StuckAfter {
			continue
		}
		out = append(out, Trouble{Kind: TroubleSystem, Severity: SeverityWarn, Since: r.Health.Since,
			Args: map[string]string{"system": r.Name, "why": r.Health.Error}})
	}
	return out
}

// MailLate is for how long mails wait before that is a trouble: a mail server
// that is started again is none.
const MailLate = 5 * time.Minute

// MailTrouble returns what to say of n mails of which the oldest has been
// waiting since a time, and why the last attempt failed; nil: nothing.
func MailTrouble(now time.Time, n int, oldest time.Time, why string) *Trouble {
	if n == 0 || why == "" || now.Sub(oldest) < MailLate {
		return nil
	}
	return &Trouble{Kind: TroubleMail, Severity: SeverityWarn, Since: oldest, Args: map[string]string{"n": strconv.Itoa(n), "why": why}}
}

// restoredFor is how long after a restore something is taken for what the
// backup didn't know, where systems could not be read at once.
const restoredFor = 7 * 24 * time.Hour

// RestoredTrouble returns what to say of what a system was seen to hold since a
// restore, and that nobody has looked at yet; nil: nothing.
func RestoredTrouble(restored time.Time, system System, rows []Drift) *Trouble {
	n := 0
	for _, r := range rows {
		if r.Kind == DriftOutside && r.Open() && !r.First.Before(restored) && r.First.Sub(restored) < restoredFor {
			n++
		}
	}
	if restored.IsZero() || n == 0 {
		return nil
	}
	return &Trouble{Kind: TroubleRestored, Severity: SeverityBad, Since: restored, Args: map[string]string{"system": system.Name, "n": strconv.Itoa(n)}}
}
