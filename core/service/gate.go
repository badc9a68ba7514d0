package service

import (
	"context"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/seal"
)

// State see core.Gate.
func (g *Gate) State(ctx context.Context) (core.GateState, error) {
	st := core.GateState{Sample: g.cfg.Sample, Embedded: g.cfg.Embedded, Host: g.cfg.Host, Version: g.cfg.Version}
	err := g.store.Read(ctx, func(v core.View) error {
		st.Empty = v.People() == 0
		st.Organisation = v.Settings().Organisation
		st.Clock = g.cfg.Engine.ClockState(v)
		return v.Err()
	})
	return st, plain(err)
}

// SetUp see core.Gate.
func (g *Gate) SetUp(ctx context.Context, f core.FirstPerson) (core.Admission, error) {
	// Asked again in the transaction; here it spares a stranger's hash.
	if st, err := g.State(ctx); err != nil || !st.Empty {
		if err == nil {
			err = core.Errorf(core.Conflict, "", "setup.done")
		}
		return core.Admission{}, err
	}
	if err := auth.CheckPassword(f.Password, f.FullName, f.Login, f.Mail); err != nil {
		return core.Admission{}, err
	}
	hash, err := g.cfg.Hasher.Hash(ctx, f.Password)
	if err != nil {
		return core.Admission{}, err
	}
	token := auth.NewToken()
	id, _ := auth.SessionOf(token)
	c := core.SetUp{FullName: f.FullName, Login: f.Login, Mail: f.Mail, Language: f.Language, Hash: hash, Organisation: f.Organisation, Session: core.Session{ID: id, From: f.From}}
	res, err := g.cfg.Engine.Do(ctx, engine.Job{Actor: core.Actor{Strength: core.StrengthNone, From: f.From}, Command: c})
	if err != nil {
		return core.Admission{}, err
	}
	return g.admit(ctx, token, core.Session{ID: id, Person: res.Person, From: f.From}, "")
}

// SignIn see core.Gate. The password is compared before the command, outside
// any transaction; for an unknown login the same work is done on nothing.
func (g *Gate) SignIn(ctx context.Context, in core.SignIn) (core.Admission, error) {
	var person core.Person
	var cred core.Credential
	err := g.store.Read(ctx, func(v core.View) error {
		if p, ok := v.PersonByLogin(in.Login); ok {
			person = p
			cred, _ = v.Credential(p.ID)
		}
		return v.Err()
	})
	if err != nil {
		return core.Admission{}, plain(err)
	}
	device := g.deviceOf(cred, in.Device)
	try := auth.Try{Login: in.Login, From: in.From, Device: device, Code: !in.Code.Empty()}
	v := g.throttle.Ask(try, g.cfg.Engine.Now())
	switch {
	case v.TooOften:
		return core.Admission{}, core.Errorf(core.Unavailable, "", "api.too_often")
	case v.Beyond && !try.Code:
		return core.Admission{}, core.Errorf(core.ProofRequired, "code", "signin.held", "until", core.Clock(v.Until.Add(time.Minute)))
	}
	right, err := g.cfg.Hasher.Verify(ctx, try.Turn(), cred.Hash, in.Password)
	if err != nil {
		return core.Admission{}, err
	}
	token := auth.NewToken()
	id, _ := auth.SessionOf(token)
	c := core.OpenSession{
		Login: in.Login, Person: person.ID, Right: right, CodeTold: try.Code, Session: core.Session{ID: id, From: in.From},
		Beyond: v.Beyond, Held: v.Held, Warn: v.Warn,
	}
	j := engine.Job{Actor: core.Actor{Strength: core.StrengthNone, From: in.From}, Command: c}
	j.Prepare = func(v core.View, _ core.Command, env *core.Env) core.Command {
		c := c
		if now, ok := v.Credential(person.ID); !ok || now.Hash != cred.Hash {
			c.Right = false // changed between the comparison and now
		}
		if c.CodeTold && (c.Right || c.Beyond) {
			env.Proof, c.CodeOK = g.match(v, person.ID, in.Code)
		}
		return c
	}
	if _, err := g.cfg.Engine.Do(ctx, j); err != nil {
		if right && core.CodeOf(err) == core.ProofRequired && !try.Code {
			g.throttle.Undo(try, g.cfg.Engine.Now())
		}
		return core.Admission{}, err
	}
	g.throttle.Right(try, v.Beyond, g.cfg.Engine.Now())
	return g.admit(ctx, token, core.Session{ID: id, Person: person.ID, From: in.From}, device)
}

// match compares a code with a person's confirmed factor.
func (g *Gate) match(v core.View, p core.PersonID, code core.Secret) (core.Proof, bool) {
	f, ok := v.Factor(p)
	if !ok || !f.Confirmed {
		return core.Proof{}, false
	}
	return g.matchSealed(f, f.Sealed, code)
}

func (g *Gate) matchSealed(f core.Factor, sealed []byte, code core.Secret) (core.Proof, bool) {
	typed, ok := mfa.Parse(code)
	if !ok {
		return core.Proof{Malformed: true}, false
	}
	if typed.Recovery != "" {
		hash, ok := mfa.MatchRecovery(f.Person, f.Recovery, code)
		return core.Proof{Recovery: hash}, ok
	}
	secret, err := g.cfg.Box.OpenSecret(seal.FactorContext(f.Person), sealed)
	if err != nil {
		g.cfg.Log.Error("second factor can't be unsealed", "person", f.Person, "err", err)
		return core.Proof{}, false
	}
	step, ok := mfa.Match(secret, code, g.cfg.Wall())
	return core.Proof{Step: step}, ok
}

// admit tells a session that was just opened what it may do. device is the
// known one it was opened at, if any.
func (g *Gate) admit(ctx context.Context, token core.Secret, s core.Session, device string) (core.Admission, error) {
	a := core.Admission{Token: token, Service: &Service{Gate: g, session: s.ID, person: s.Person, from: s.From}}
	var cr core.Credential
	err := g.store.Read(ctx, func(v core.View) error {
		a.Session, _ = v.Session(s.ID)
		cr, _ = v.Credential(s.Person)
		f, _ := v.Factor(s.Person)
		a.MustChangePassword, a.MustEnrol = cr.MustChange, !f.Confirmed
		return v.Err()
	})
	if err != nil {
		return a, plain(err)
	}
	a.Device, err = g.newDevice(cr, device)
	return a, err
}

// Resume see core.Gate.
func (g *Gate) Resume(ctx context.Context, token core.Secret) (core.Service, error) {
	id, ok := auth.SessionOf(token)
	if !ok {
		return nil, core.Errorf(core.Unauthenticated, "", "session.none")
	}
	ses, p, ok, err := g.store.SessionOf(ctx, id)
	switch {
	case err != nil:
		return nil, plain(err)
	case !ok:
		return nil, core.Errorf(core.Unauthenticated, "", "session.none")
	}
	if err := core.CheckSession(ses, p, g.cfg.Engine.Now()); err != nil {
		return nil, err
	}
	s := &Service{Gate: g, session: id, person: p.ID, from: ses.From}
	s.touch(ctx, ses.LastSeen)
	return s, nil
}

// touchEvery is how often the use of a session is noted.
const touchEvery = 60e9 // a minute

// touch notes that the session, last seen then, is in use.
func (s *Service) touch(ctx context.Context, seen time.Time) {
	if s.cfg.Engine.Now().Sub(seen) < touchEvery {
		return
	}
	if _, err := s.cfg.Engine.Do(ctx, engine.Job{Actor: s.actor(), Command: core.TouchSession{Session: s.session}}); err != nil {
		s.cfg.Log.Debug("touch session", "err", err)
	}
}
