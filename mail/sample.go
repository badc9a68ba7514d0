package mail

import (
	"time"

	"github.com/stint-pim/stint/core"
)

// SampleNotice is a notice of a kind as it might be, for previews and tests.
func SampleNotice(kind core.NoticeKind, language string, own bool) core.Notice {
	at := time.Date(2026, 11, 23, 9, 32, 0, 0, time.UTC)
	n := core.Notice{
		Kind: kind, To: "pe_alice", Address: "alice.meyer@example.org", ToName: "Alice Meyer", Language: language, Own: own,
		Assignment: "as_0s5k7v2q0000000000000000aa", Request: "re_0s5k7v2q0000000000000000ab", Setting: core.Active,
		Who: "Alice Meyer", By: "Alice Meyer", Role: "db-admin", System: "prod-db", Scope: "/",
		From: at, Until: at.Add(5 * time.Hour), At: at, Why: "Restore the orders of Friday after the failed import",
		Ticket: core.Ticket{System: "Jira", Number: "OPS-4711"}, Where: "window",
	}
	if !own {
		n.To, n.ToName, n.Address = "pe_bob", "Bob Schneider", "bob@example.org"
	}
	if kind.OfSignIn() {
		n = core.Notice{Kind: kind, To: n.To, Address: n.Address, ToName: n.ToName, Language: language, Own: own, Who: "Alice Meyer", At: at, Where: "192.0.2.17"}
		switch kind {
		case core.NoticeFactorReset, core.NoticePasswordReset, core.NoticeLoginChanged:
			n.By, n.Where = "Bob Schneider", "window"
		case core.NoticePasswordChanged, core.NoticeFactorChanged:
			n.By, n.Where = n.Who, "window"
		}
	}
	if kind == core.NoticeDeadlock {
		n = core.Notice{Kind: kind, To: n.To, Address: n.Address, ToName: n.ToName, Language: language, Own: own, Who: "db-admin", By: "Bob Schneider", Role: "db-admin", System: "prod-db", Where: "window", At: at}
		if own { // here: the settings of all roles, by time
			n.Who, n.Role, n.System, n.By, n.Where = "", "", "", "Stint", "stint"
		}
	}
	if kind == core.NoticeOutside || kind == core.NoticeManaged {
		n = core.Notice{Kind: kind, To: n.To, Address: n.Address, ToName: n.ToName, Language: language, Own: own, System: "prod-db", Where: "window", At: at, By: "Carla Conti", Evidence: "postgres", Count: 3}
		if kind == core.NoticeOutside {
			n.By, n.Where, n.Who, n.Role = "Stint", "stint", "legacy_batch", "db-admin"
			n.Evidence, n.Count = "legacy_batch: db-admin", 1
			if !own {
				n.Evidence, n.Count = "ameyer (Alice Meyer): db-admin\nlegacy_batch: db-admin", 2
			}
		}
	}
	if kind == core.NoticeClock {
		n = core.Notice{Kind: kind, To: n.To, Address: n.Address, ToName: n.ToName, Language: language, Own: own, Who: "Stint", By: "Stint", Where: "stint", At: at,
			Evidence: "the machine's clock was set back by 1 h; Stint goes on counting the time that really passes, and is ahead of the clock by 1 h"}
		if own { // here: what a person did
			n.By, n.Where = "Bob Schneider", "window"
			n.Evidence = "Stint's time went back by 1 h, from 2026-11-23 10:32 UTC to 2026-11-23 09:32 UTC; 3 activations ended first, 0 scheduled canceled"
		}
	}
	if kind == core.NoticeDigest {
		return core.Notice{Kind: kind, To: "pe_bob", Address: "bob@example.org", ToName: "Bob Schneider", Language: language, Who: "Stint", By: "Stint", Where: "stint", At: at, Digest: sampleDigest(own)}
	}
	switch kind {
	case core.NoticeAssigned, core.NoticeUnassigned:
		n.Setting, n.By, n.Until = core.Eligible, "Bob Schneider", at.AddDate(0, 3, 0)
		n.Why = "On call from December"
	case core.NoticeActivated, core.NoticeProlonged:
		n.Evidence = "prod-db answered at 09:32:01 UTC: ameyer is a member of db-admin"
	case core.NoticeEnded:
		n.Where, n.By = "", ""
		n.Ended = core.Ended{Cause: core.EndTime, By: "Stint"}
		if own { // before its time
			n.Was, n.Until = n.Until, at.Add(5*time.Hour-30*time.Minute)
			n.Ended = core.Ended{Cause: core.EndRemoved, By: "Bob Schneider", Why: "The import is through, and the freeze begins"}
		}
		n.At = n.Until
		n.Evidence = "prod-db answered at " + n.At.Format("15:04") + ":01 UTC: ameyer is no member of db-admin"
	case core.NoticeLost:
		n.At, n.Where, n.By = at.Add(17*time.Minute), "stint", "Stint"
		n.Evidence = "prod-db answered at 09:49:01 UTC: ameyer is no member of db-admin"
	case core.NoticeEnding:
		n.At, n.Where, n.By, n.Lasts = n.Until.Add(-core.EndingSoon), "stint", "Stint", core.Duration(8*time.Hour)
	case core.NoticeExtended:
		n.Setting, n.Action, n.By, n.Was, n.Until = core.Eligible, core.AdminExtend, "Bob Schneider", at.AddDate(0, 0, 9), at.AddDate(0, 3, 0)
		n.Why = "The project goes on"
	case core.NoticeExpiring, core.NoticeExpired:
		n.Setting, n.By, n.Where, n.From, n.Until = core.Eligible, "Stint", "stint", at.AddDate(0, -3, 0), at.AddDate(0, 0, 14)
		n.Why = "On call from September"
		if kind == core.NoticeExpired {
			n.At = n.Until
		}
	case core.NoticeApprove:
		n.Until, n.From, n.Lasts = time.Time{}, time.Time{}, core.Duration(2*time.Hour)
	case core.NoticeDecided:
		n.Until, n.From, n.Lasts = time.Time{}, time.Time{}, core.Duration(2*time.Hour)
		n.By, n.Status, n.Evidence = "Carla Conti", core.Denied, "The import runs again tonight; please wait for it"
	case core.NoticeStuck:
		n.At, n.Where, n.By = n.Until.Add(12*time.Second), "stint", "Stint"
		n.Evidence = "prod-db can't be reached: the connection was refused."
	}
	return n
}

// sampleDigest is that of a week, or of a quiet one.
func sampleDigest(quiet bool) *core.Digest {
	to := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	g := &core.Digest{From: to.AddDate(0, 0, -7), To: to, First: "2026-11-16", Last: "2026-11-22"}
	g.Permanent, g.Eligible = 3, 21
	for i, n := range []int{3, 0, 5, 2, 4, 0, 0} {
		if quiet {
			n = 0
		}
		g.Days = append(g.Days, core.DayCount{Date: to.AddDate(0, 0, i-6).Format(time.DateOnly), N: n})
	}
	if quiet {
		return g
	}
	g.Week = core.Week{People: 5, Activations: 14, Approved: 6, Denied: 1, MadeEligible: 1, MadeActive: 1, Ended: 3, Refused: 2}
	g.Before = &core.Week{People: 4, Activations: 9, Approved: 4, Unanswered: 1, Ended: 5}
	g.Made = []core.Made{
		{Who: "Carla Conti", Role: "db-admin", System: "prod-db", Kind: core.Eligible},
		{Who: "Backup Service", Role: "reader", System: "directory", Kind: core.Active},
	}
	g.Active, g.Running, g.Ending, g.Waiting, g.Stuck, g.Outside = 2, 1, 4, 2, 1, 3
	g.Top = []core.RoleCount{
		{Role: "ro_1", Name: "db-admin", System: "prod-db", Permanent: 2, Eligible: 12, Activations: 9},
		{Role: "ro_2", Name: "reader", System: "directory", Permanent: 1, Eligible: 9},
	}
	g.Systems = []core.SystemCount{
		{System: "sy_1", Name: "prod-db", Activations: 12, Permanent: 2, Eligible: 12, Stuck: 1, Outside: 3},
		{System: "sy_2", Name: "directory", Activations: 2, Permanent: 1, Eligible: 9},
	}
	return g
}
