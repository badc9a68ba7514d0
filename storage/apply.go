package storage

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
	"github.com/stint-pim/stint/storage/internal/paging"
)

// put stores one change. A taken unique key becomes an Error of code Conflict.
func (t *tx) put(c core.Change) error {
	var err error
	var taken core.TextKey // each table has at most one unique key besides its own
	switch c := c.(type) {
	case core.Settings:
		err = t.q.PutSettings(t.ctx, gen.PutSettingsParams{
			Organisation: c.Organisation, IdleLock: int64(c.IdleLock),
			MailHost: c.Mail.Host, MailPort: int64(c.Mail.Port), MailSecurity: string(c.Mail.Security),
			MailAuth: string(c.Mail.Auth), MailUser: c.Mail.User, MailSealed: c.Mail.Sealed,
			MailFrom: c.Mail.From, MailCaFile: c.Mail.CAFile,
			DigestOff: c.Digest.Off, DigestWeekday: c.Digest.Weekday, DigestAt: c.Digest.At, DigestZone: c.Digest.Zone,
		})
	case core.System:
		taken, err = "storage.name_taken", t.putSystem(c)
	case core.Role:
		taken = "storage.role_taken"
		err = t.q.PutRole(t.ctx, gen.PutRoleParams{
			ID: string(c.ID), SystemID: string(c.System), External: c.External, Name: c.Name, NameFold: paging.Fold(c.Name),
			Description: c.Description, Search: paging.FoldAll(c.Name, c.Description),
			Privileged: c.Privileged, Protected: c.Protected, Gone: c.Gone,
		})
	case core.PolicyLevel:
		err = t.putPolicyLevel(c)
	case core.Person:
		taken = "storage.login_taken"
		err = t.q.PutPerson(t.ctx, gen.PutPersonParams{
			ID: string(c.ID), Name: c.Name, NameFold: paging.Fold(c.Name), Login: c.Login, LoginFold: paging.Fold(c.Login),
			Mail: c.Mail, Search: paging.FoldAll(c.Name, c.Login, c.Mail), Language: c.Language,
			Disabled: c.Disabled, CreatedAt: fromTime(c.Created), NoDigest: c.NoDigest,
		})
	case core.Account:
		taken = "storage.account_taken"
		err = t.q.PutAccount(t.ctx, gen.PutAccountParams{PersonID: string(c.Person), SystemID: string(c.System), External: c.External})
	case core.AccountRemoved:
		err = t.q.DeleteAccount(t.ctx, gen.DeleteAccountParams{PersonID: string(c.Person), SystemID: string(c.System)})
	case core.Credential:
		err = t.q.PutCredential(t.ctx, gen.PutCredentialParams{
			PersonID: string(c.Person), Hash: c.Hash, ChangedAt: fromTime(c.Changed), MustChange: c.MustChange,
			Failed: int64(c.Failed), LockedTillAt: fromTime(c.LockedTill), SignedInAt: fromTime(c.SignedIn),
		})
	case core.Factor:
		err = t.putFactor(c)
	case core.Session:
		err = t.q.PutSession(t.ctx, gen.PutSessionParams{
			ID: string(c.ID), PersonID: string(c.Person), CreatedAt: fromTime(c.Created), LastSeenAt: fromTime(c.LastSeen),
			ExpiresAt: fromTime(c.Expires), Origin: c.From, Strength: string(c.Strength),
		})
	case core.Afresh:
		err = errors.Join(t.q.DeleteSessionsExpired(t.ctx, math.MaxInt64), t.q.DeleteRememberedBefore(t.ctx, math.MaxInt64),
			t.q.RaiseSteps(t.ctx, c.Step), t.q.SetMark(t.ctx, gen.SetMarkParams{Name: markRestored, Value: fromTime(c.At)}))
	case core.SessionEnded:
		err = t.q.DeleteSession(t.ctx, string(c.ID))
	case core.Group:
		taken, err = "storage.group_taken", t.q.PutGroup(t.ctx, gen.PutGroupParams{ID: string(c.ID), Name: c.Name, NameFold: paging.Fold(c.Name),
			Description: c.Description, Removed: c.Removed, CreatedAt: fromTime(c.Created)})
	case core.Member:
		err = t.q.PutMember(t.ctx, gen.PutMemberParams{GroupID: string(c.Group), PersonID: string(c.Person), SinceAt: fromTime(c.Since)})
	case core.MemberRemoved:
		err = t.q.DeleteMember(t.ctx, gen.DeleteMemberParams{GroupID: string(c.Group), PersonID: string(c.Person)})
	case core.Favourite:
		err = t.putFavourite(c)
	case core.FavouriteRemoved:
		err = t.q.DeleteFavourite(t.ctx, string(c.ID))
	case core.Deputy:
		err = t.q.PutDeputy(t.ctx, gen.PutDeputyParams{
			PersonID: string(c.Person), DeputyID: string(c.Deputy), FromAt: fromTime(c.From), UntilAt: fromTime(c.Until),
		})
	case core.DeputyRemoved:
		err = t.q.DeleteDeputy(t.ctx, string(c.Person))
	case core.Assignment:
		taken, err = "storage.basis_live", t.putAssignment(c)
	case core.Request:
		err = t.putRequest(c)
	case core.Grant:
		taken, err = "storage.grant_taken", t.putGrant(c)
	case core.Drift:
		taken, err = "storage.drift_taken", t.putDrift(c)
	case core.DriftRemoved:
		err = t.q.DeleteDrift(t.ctx, string(c.ID))
	case core.Reading:
		err = t.q.PutReading(t.ctx, gen.PutReadingParams{SystemID: string(c.System), ReadAt: fromTime(c.At), Held: int64(c.Held), More: int64(c.More)})
	case core.ClockMark:
		err = t.putClockMark(c)
	case core.DigestMark:
		err = t.putDigestMark(c)
	case core.ClockSet:
		err = t.setClock(c.Now)
	default:
		return core.Errorf(core.Internal, "", "storage.change")
	}
	if err != nil && taken != "" && t.db.engine.Unique(err) {
		e := core.Errorf(core.Conflict, "", taken)
		e.Err = err
		return e
	}
	if err != nil {
		return fmt.Errorf("put %T: %w", c, err)
	}
	return nil
}

func (t *tx) putSystem(c core.System) error {
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		return err
	}
	return t.q.PutSystem(t.ctx, gen.PutSystemParams{
		ID: string(c.ID), Name: c.Name, NameFold: paging.Fold(c.Name), Kind: string(c.Kind), SettingsJson: string(settings),
		Plays: plays(c), Sealed: c.Sealed, State: string(c.State), CreatedAt: fromTime(c.Created),
		HealthCheckedAt: fromTime(c.Health.Checked), HealthOkAt: fromTime(c.Health.LastOK),
		HealthSinceAt: fromTime(c.Health.Since), HealthError: c.Health.Error, HealthVersion: c.Health.Version,
	})
}

// plays returns the kind that a sample system plays, for rows of lists.
func plays(s core.System) string {
	if s.Kind != core.KindSample {
		return ""
	}
	return s.Settings["as"]
}

func (t *tx) putPolicyLevel(c core.PolicyLevel) error {
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		return err
	}
	return t.q.PutPolicyLevel(t.ctx, gen.PutPolicyLevelParams{
		Level: c.Level, SettingsJson: string(settings), Made: c.Settings != core.PolicySettings{},
	})
}

func (t *tx) putFactor(c core.Factor) error {
	recovery, err := json.Marshal(c.Recovery)
	if err != nil {
		return err
	}
	return t.q.PutFactor(t.ctx, gen.PutFactorParams{
		PersonID: string(c.Person), Sealed: c.Sealed, NextSealed: c.Next, Confirmed: c.Confirmed, LastStep: c.LastStep,
		Failed: int64(c.Failed), LockedTillAt: fromTime(c.LockedTill), RecoveryJson: string(recovery),
	})
}

func (t *tx) putFavourite(c core.Favourite) error {
	items, err := json.Marshal(c.Items)
	if err != nil {
		return err
	}
	return t.q.PutFavourite(t.ctx, gen.PutFavouriteParams{
		ID: string(c.ID), PersonID: string(c.Person), Name: c.Name, NameFold: paging.Fold(c.Name),
		ItemsJson: string(items), Duration: int64(c.Duration), Justification: c.Justification,
	})
}

func (t *tx) putAssignment(c core.Assignment) error {
	p := gen.PutAssignmentParams{
		ID: string(c.ID), PrincipalID: string(c.Principal), RoleID: string(c.Role), SystemID: string(c.System), Scope: c.Scope,
		Kind: string(c.Kind), Origin: string(c.Origin), BasisID: string(c.Basis), StartAt: fromTime(c.Start), EndAt: fromTime(c.End),
		State: string(c.State), Live: c.State.Live(), EndedAt: fromTime(c.Ended), GrantID: string(c.Grant),
		RequestID: string(c.Request), Justification: c.Justification, TicketSystem: c.Ticket.System, TicketNumber: c.Ticket.Number,
		CreatedAt: fromTime(c.Created), RemindAt: fromTime(c.Remind), GroupID: string(c.Group), ViaID: string(c.Via),
	}
	back, err := toAssignment(gen.Assignment(p))
	if err != nil {
		return err
	}
	was, known := before(t, keptAssignments, c.ID)
	was.State, was.Ended, was.Remind = back.State, back.Ended, back.Remind
	if known && was == back {
		err = t.q.EndAssignment(t.ctx, gen.EndAssignmentParams{ID: p.ID, State: p.State, Live: p.Live, EndedAt: p.EndedAt, RemindAt: p.RemindAt})
	} else {
		err = t.q.PutAssignment(t.ctx, p)
	}
	if err == nil && t.db.kept != nil {
		keep(t.db.kept, keptAssignments, c.ID, back)
		t.db.kept.wanted.put(back)
	}
	return err
}

func (t *tx) putRequest(c core.Request) error {
	approval := ""
	if c.Approval != nil {
		text, err := json.Marshal(c.Approval)
		if err != nil {
			return fmt.Errorf("write an approval: %w", err)
		}
		approval = string(text)
	}
	p := gen.PutRequestParams{
		ID: string(c.ID), Action: string(c.Action), Status: string(c.Status), RequesterID: string(c.Requester),
		PrincipalID: string(c.Principal), RoleID: string(c.Role), SystemID: string(c.System), Scope: c.Scope,
		AssignmentID: string(c.Assignment), StartAt: fromTime(c.Start), EndAt: fromTime(c.End), Justification: c.Justification,
		TicketSystem: c.Ticket.System, TicketNumber: c.Ticket.Number,
		Origin: c.From, CreatedAt: fromTime(c.Created), CompletedAt: fromTime(c.Completed),
		BasisID: string(c.Basis), Duration: int64(c.Duration), ApprovalJson: approval, DueAt: fromTime(c.Due),
	}
	back, err := toRequest(gen.Request(p))
	if err != nil {
		return err
	}
	was, known := before(t, keptRequests, c.ID)
	was.Status, was.Completed = back.Status, back.Completed
	if known && was == back {
		err = t.q.CompleteRequest(t.ctx, gen.CompleteRequestParams{ID: p.ID, Status: p.Status, CompletedAt: p.CompletedAt})
	} else {
		err = t.q.PutRequest(t.ctx, p)
	}
	if err == nil && c.Approval != nil {
		err = t.putAsked(c)
	}
	if err == nil && back.Approval == nil {
		keep(t.db.kept, keptRequests, c.ID, back)
	}
	return err
}

// putAsked notes whom a request waits for, so that each of them finds it. Most
// requests need nobody's approval and have nothing here.
func (t *tx) putAsked(c core.Request) error {
	err := t.q.DeleteAsked(t.ctx, string(c.ID))
	if c.Status != core.PendingApproval {
		return err
	}
	for _, a := range c.Approval.Asked() {
		if err == nil {
			err = t.q.PutAsked(t.ctx, gen.PutAskedParams{ApproverID: a.ID(), CreatedAt: fromTime(c.Created), RequestID: string(c.ID)})
		}
	}
	return err
}

func (t *tx) putGrant(c core.Grant) error {
	rank := int64(1)
	if c.State == core.GrantRemoving {
		rank = 0 // revocation outranks granting
	}
	p := gen.PutGrantParams{
		ID: string(c.ID), SystemID: string(c.System), RoleID: string(c.Role), Scope: c.Scope, Account: c.Account,
		External: c.External, Wanted: c.Wanted, UntilAt: fromTime(c.Until), State: string(c.State), Pending: c.Pending(), Rank: rank,
		EvidenceAt: fromTime(c.Evidence.At), EvidenceHolds: c.Evidence.Holds, EvidenceQuery: c.Evidence.Query,
		EvidenceAnswer: c.Evidence.Answer, EvidenceEnded: int64(c.Evidence.Ended), SinceAt: fromTime(c.Since), Cycle: c.Cycle,
		Attempts: int64(c.Attempts), FailingAt: fromTime(c.Failing), LastError: c.LastErr, NextTryAt: fromTime(c.NextTry),
		Alarmed: c.Alarmed, ForID: string(c.For), Object: c.Object,
	}
	back, err := toGrant(gen.Grant(p))
	if err != nil {
		return err
	}
	if was, known := before(t, keptGrants, c.ID); known && was.GrantKey == back.GrantKey {
		err = t.q.UpdateGrant(t.ctx, gen.UpdateGrantParams{
			ID: p.ID, External: p.External, Wanted: p.Wanted, UntilAt: p.UntilAt, State: p.State, Pending: p.Pending, Rank: p.Rank,
			EvidenceAt: p.EvidenceAt, EvidenceHolds: p.EvidenceHolds, EvidenceQuery: p.EvidenceQuery, EvidenceAnswer: p.EvidenceAnswer,
			EvidenceEnded: p.EvidenceEnded, SinceAt: p.SinceAt, Cycle: p.Cycle, Attempts: p.Attempts, FailingAt: p.FailingAt,
			LastError: p.LastError, NextTryAt: p.NextTryAt, Alarmed: p.Alarmed, ForID: p.ForID, Object: p.Object,
		})
	} else {
		err = t.q.PutGrant(t.ctx, p)
	}
	if err == nil {
		keep(t.db.kept, keptGrants, c.ID, back)
	}
	return err
}
