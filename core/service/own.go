package service

import (
	"context"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/seal"
)

// What a person does with his own password, factor and session.

func (s *Service) compare(ctx context.Context, password core.Secret) (right bool, names []string, err error) {
	var hash string
	err = s.read(ctx, func(v core.View, r reader) error {
		cr, _ := v.Credential(r.person.ID)
		hash, names = cr.Hash, []string{r.person.Name, r.person.Login, r.person.Mail}
		return nil
	})
	if err != nil {
		return false, nil, err
	}
	if !s.throttle.Own(string(s.person), s.cfg.Engine.Now()) {
		return false, nil, core.Errorf(core.Unavailable, "password", "password.too_often")
	}
	right, err = s.cfg.Hasher.Verify(ctx, auth.Known, hash, password)
	return right, names, err
}

// ChangePassword see core.Service.
func (s *Service) ChangePassword(ctx context.Context, present, next core.Secret) error {
	right, names, err := s.compare(ctx, present)
	if err != nil {
		return err
	}
	// All of this whether right or not: else the answer, or the time it takes,
	// would tell a right password even while wrong ones have locked it.
	if err := auth.CheckPassword(next, names...); err != nil {
		return err
	}
	if next.Reveal() == present.Reveal() {
		return core.Errorf(core.Invalid, "password", "password.same")
	}
	hash, err := s.cfg.Hasher.Hash(ctx, next)
	if err != nil {
		return err
	}
	c := core.ChangePassword{Right: right, Hash: hash}
	_, err = s.do(ctx, c, core.Secret{}, "")
	return err
}

// Unlock see core.Service.
func (s *Service) Unlock(ctx context.Context, password core.Secret) error {
	right, _, err := s.compare(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, core.CheckPassword{Right: right}, core.Secret{}, "")
	return err
}

// BeginFactor see core.Service.
func (s *Service) BeginFactor(ctx context.Context, code core.Secret) (core.FactorOffer, error) {
	issuer, login := "Stint", ""
	err := s.read(ctx, func(v core.View, r reader) error {
		login = r.person.Login
		if o := v.Settings().Organisation; o != "" {
			issuer = "Stint – " + o
		}
		return nil
	})
	if err != nil {
		return core.FactorOffer{}, err
	}
	offer := mfa.NewSecret(issuer, login)
	sealed, err := s.cfg.Box.SealSecret(seal.FactorContext(s.person), offer.Secret)
	if err != nil {
		return core.FactorOffer{}, core.Wrap(core.Internal, "internal.fault", err)
	}
	if _, err := s.do(ctx, core.BeginFactor{Sealed: sealed}, code, ""); err != nil {
		return core.FactorOffer{}, err
	}
	return offer, nil
}

// ConfirmFactor see core.Service.
func (s *Service) ConfirmFactor(ctx context.Context, code core.Secret) ([]string, error) {
	codes, hashes := mfa.NewRecovery(s.person)
	j := engine.Job{Actor: s.actor(), Command: core.ConfirmFactor{Recovery: hashes}}
	j.Prepare = func(v core.View, _ core.Command, _ *core.Env) core.Command {
		c := core.ConfirmFactor{Recovery: hashes}
		f, ok := v.Factor(s.person)
		if !ok {
			return c
		}
		sealed := f.Sealed
		if len(f.Next) > 0 {
			sealed = f.Next
		}
		f.Recovery = nil // a recovery code does not confirm an authenticator
		if proof, ok := s.matchSealed(f, sealed, code); ok {
			c.Step = proof.Step
		}
		return c
	}
	if _, err := s.cfg.Engine.Do(ctx, j); err != nil {
		return nil, err
	}
	return codes, nil
}

// RenewRecovery see core.Service.
func (s *Service) RenewRecovery(ctx context.Context, code core.Secret) ([]string, error) {
	codes, hashes := mfa.NewRecovery(s.person)
	if _, err := s.do(ctx, core.RenewRecovery{Recovery: hashes}, code, ""); err != nil {
		return nil, err
	}
	return codes, nil
}

// SignOut see core.Service.
func (s *Service) SignOut(ctx context.Context) error {
	_, err := s.do(ctx, core.CloseSession{Session: s.session}, core.Secret{}, "")
	return err
}

// Me see core.Service.
func (s *Service) Me(ctx context.Context) (core.Me, error) {
	var me core.Me
	err := s.read(ctx, func(v core.View, r reader) error {
		f, _ := v.Factor(r.person.ID)
		cr, _ := v.Credential(r.person.ID)
		me = core.Me{
			Person: r.person, Session: r.session, HasFactor: f.Confirmed, RecoveryLeft: len(f.Recovery), MustChangePassword: cr.MustChange, Roles: r.roles,
			MayRead: r.rights.Read, MayManageAccess: r.rights.Access, MayManagePeople: r.rights.People, MayExport: r.rights.Export, MayChangeSettings: r.rights.Settings,
		}
		return nil
	})
	if err != nil {
		return me, err
	}
	s.touch(ctx, me.Session.LastSeen)
	if me.Troubles, err = s.troubles(ctx, me); err != nil {
		return core.Me{}, err
	}
	return me, nil
}

// restoredTroubles returns what was found on systems since a restore.
func (s *Service) restoredTroubles(ctx context.Context, systems []core.SystemRow) (out []core.Trouble, err error) {
	restored, err := s.store.Restored(ctx)
	if err != nil || restored.IsZero() {
		return nil, err
	}
	for _, r := range systems {
		if r.Drift == 0 {
			continue
		}
		rows, _, err := s.store.DriftOf(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if t := core.RestoredTrouble(restored, r.System, rows); t != nil {
			out = append(out, *t)
		}
	}
	return out, nil
}

// troubles returns what is wrong now, as far as it is the person's business.
func (s *Service) troubles(ctx context.Context, me core.Me) ([]core.Trouble, error) {
	if !me.HasFactor || me.MustChangePassword {
		return nil, nil // not in yet
	}
	f := core.AssignmentFilter{Kind: core.Active, States: []core.AssignmentState{core.Scheduled}, GrantStates: []core.GrantState{core.GrantRemoving}}
	var systems []core.SystemRow
	if me.MayRead {
		var err error
		if systems, err = s.store.SystemRows(ctx); err != nil {
			return nil, plain(err)
		}
	} else {
		f.Principal = me.Person.ID
	}
	removing, err := s.store.Assignments(ctx, f, core.Page{Limit: 500})
	if err != nil {
		return nil, plain(err)
	}
	all := core.Troubles(s.cfg.Engine.Now(), systems, removing.Items)
	if t, ok := s.store.Trouble(); ok {
		all = append(all, t)
	}
	if me.MayRead {
		found, err := s.restoredTroubles(ctx, systems)
		if err != nil {
			return nil, plain(err)
		}
		all = append(all, found...)
	}
	if me.MayChangeSettings && s.cfg.Late != nil { // whoever can do something about it
		if late := s.cfg.Late(ctx); late != nil {
			all = append(all, *late)
		}
	}
	err = s.store.Read(ctx, func(v core.View) error {
		if t := s.cfg.Engine.ClockState(v).Trouble(); t != nil {
			all = append(all, *t)
		}
		return v.Err()
	})
	return all, plain(err)
}
