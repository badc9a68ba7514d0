package storage

import (
	"encoding/json"
	"fmt"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/internal/gen"
)

// This file turns rows into the things of core; apply.go does the reverse.

func fromJSON[T any](what, text string) (v T, err error) {
	if text == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("stored %s: %w", what, err)
	}
	return v, nil
}

func toSettings(r gen.Setting) (core.Settings, error) {
	return core.Settings{
		Organisation: r.Organisation, IdleLock: core.Duration(r.IdleLock),
		Mail: core.MailSettings{
			Host: r.MailHost, Port: int(r.MailPort), Security: core.MailSecurity(r.MailSecurity),
			Auth: core.MailAuth(r.MailAuth), User: r.MailUser, Sealed: r.MailSealed,
			From: r.MailFrom, CAFile: r.MailCaFile,
		},
		Digest: core.DigestSettings{Off: r.DigestOff, Weekday: r.DigestWeekday, At: r.DigestAt, Zone: r.DigestZone},
	}, nil
}

func toSystem(r gen.System) (core.System, error) {
	settings, err := fromJSON[map[string]string]("settings of a system", r.SettingsJson)
	return core.System{
		ID: core.SystemID(r.ID), Name: r.Name, Kind: core.Kind(r.Kind), Settings: settings, Sealed: r.Sealed,
		State: core.SystemState(r.State), Created: toTime(r.CreatedAt),
		Health: core.Health{
			Checked: toTime(r.HealthCheckedAt), LastOK: toTime(r.HealthOkAt), Since: toTime(r.HealthSinceAt),
			Error: r.HealthError, Version: r.HealthVersion,
		},
	}, err
}

func toRole(r gen.Role) (core.Role, error) {
	return core.Role{
		ID: core.RoleID(r.ID), System: core.SystemID(r.SystemID), External: r.External, Name: r.Name,
		Description: r.Description, Privileged: r.Privileged, Protected: r.Protected, Gone: r.Gone,
	}, nil
}

func toPolicyLevel(r gen.PolicyLevel) (core.PolicyLevel, error) {
	s, err := fromJSON[core.PolicySettings]("settings of a level", r.SettingsJson)
	return core.PolicyLevel{Level: r.Level, Settings: s}, err
}

func toPerson(r gen.Person) (core.Person, error) {
	return core.Person{
		ID: core.PersonID(r.ID), Name: r.Name, Login: r.Login, Mail: r.Mail, Language: r.Language,
		Disabled: r.Disabled, Created: toTime(r.CreatedAt), NoDigest: r.NoDigest,
	}, nil
}

func toAccount(r gen.Account) (core.Account, error) {
	return core.Account{Person: core.PersonID(r.PersonID), System: core.SystemID(r.SystemID), External: r.External}, nil
}

func toCredential(r gen.Credential) (core.Credential, error) {
	return core.Credential{
		Person: core.PersonID(r.PersonID), Hash: r.Hash, Changed: toTime(r.ChangedAt), MustChange: r.MustChange,
		Failed: int(r.Failed), LockedTill: toTime(r.LockedTillAt), SignedIn: toTime(r.SignedInAt),
	}, nil
}

func toFactor(r gen.Factor) (core.Factor, error) {
	recovery, err := fromJSON[[]string]("recovery codes", r.RecoveryJson)
	return core.Factor{
		Person: core.PersonID(r.PersonID), Sealed: r.Sealed, Next: r.NextSealed, Confirmed: r.Confirmed, LastStep: r.LastStep,
		Failed: int(r.Failed), LockedTill: toTime(r.LockedTillAt), Recovery: recovery,
	}, err
}

func toSession(r gen.Session) (core.Session, error) {
	return core.Session{
		ID: core.SessionID(r.ID), Person: core.PersonID(r.PersonID), Created: toTime(r.CreatedAt),
		LastSeen: toTime(r.LastSeenAt), Expires: toTime(r.ExpiresAt), From: r.Origin, Strength: core.Strength(r.Strength),
	}, nil
}

func toFavourite(r gen.Favourite) (core.Favourite, error) {
	items, err := fromJSON[[]core.ActivationItem]("items of a favourite", r.ItemsJson)
	return core.Favourite{
		ID: core.FavouriteID(r.ID), Person: core.PersonID(r.PersonID), Name: r.Name, Items: items,
		Duration: core.Duration(r.Duration), Justification: r.Justification,
	}, err
}

func toAssignment(r gen.Assignment) (core.Assignment, error) {
	return core.Assignment{
		ID: core.AssignmentID(r.ID), Principal: core.PersonID(r.PrincipalID), Role: core.RoleID(r.RoleID),
		System: core.SystemID(r.SystemID), Scope: r.Scope, Kind: core.AssignmentKind(r.Kind), Origin: core.Origin(r.Origin),
		Basis: core.AssignmentID(r.BasisID), Start: toTime(r.StartAt), End: toTime(r.EndAt),
		State: core.AssignmentState(r.State), Ended: toTime(r.EndedAt), Grant: core.GrantID(r.GrantID),
		Request: core.RequestID(r.RequestID), Justification: r.Justification,
		Ticket: core.Ticket{System: r.TicketSystem, Number: r.TicketNumber}, Created: toTime(r.CreatedAt), Remind: toTime(r.RemindAt),
		Group: core.GroupID(r.GroupID), Via: core.AssignmentID(r.ViaID),
	}, nil
}

func toRequest(r gen.Request) (core.Request, error) {
	approval, err := fromJSON[*core.Approval]("approval", r.ApprovalJson)
	return core.Request{
		ID: core.RequestID(r.ID), Action: core.Action(r.Action), Status: core.Status(r.Status),
		Requester: core.PersonID(r.RequesterID), Principal: core.PersonID(r.PrincipalID), Role: core.RoleID(r.RoleID),
		System: core.SystemID(r.SystemID), Scope: r.Scope, Assignment: core.AssignmentID(r.AssignmentID),
		Start: toTime(r.StartAt), End: toTime(r.EndAt), Justification: r.Justification,
		Ticket:  core.Ticket{System: r.TicketSystem, Number: r.TicketNumber},
		From:    r.Origin,
		Created: toTime(r.CreatedAt), Completed: toTime(r.CompletedAt),
		Basis: core.AssignmentID(r.BasisID), Duration: core.Duration(r.Duration), Approval: approval, Due: toTime(r.DueAt),
	}, err
}

func toGroup(r gen.PeopleGroup) (core.Group, error) {
	return core.Group{ID: core.GroupID(r.ID), Name: r.Name, Description: r.Description, Removed: r.Removed, Created: toTime(r.CreatedAt)}, nil
}

func toMember(r gen.Member) (core.Member, error) {
	return core.Member{Group: core.GroupID(r.GroupID), Person: core.PersonID(r.PersonID), Since: toTime(r.SinceAt)}, nil
}

func toDeputy(r gen.Deputy) (core.Deputy, error) {
	return core.Deputy{Person: core.PersonID(r.PersonID), Deputy: core.PersonID(r.DeputyID), From: toTime(r.FromAt), Until: toTime(r.UntilAt)}, nil
}

func toGrant(r gen.Grant) (core.Grant, error) {
	return core.Grant{
		ID:       core.GrantID(r.ID),
		GrantKey: core.GrantKey{System: core.SystemID(r.SystemID), Role: core.RoleID(r.RoleID), Scope: r.Scope, Account: r.Account},
		External: r.External, Wanted: r.Wanted, Until: toTime(r.UntilAt), State: core.GrantState(r.State),
		Evidence: core.Evidence{
			At: toTime(r.EvidenceAt), Holds: r.EvidenceHolds, Query: r.EvidenceQuery,
			Answer: r.EvidenceAnswer, Ended: int(r.EvidenceEnded),
		},
		Since: toTime(r.SinceAt), Cycle: r.Cycle, Attempts: int(r.Attempts), Failing: toTime(r.FailingAt),
		LastErr: r.LastError, NextTry: toTime(r.NextTryAt), Alarmed: r.Alarmed, For: core.AssignmentID(r.ForID),
		Object: r.Object,
	}, nil
}
