// Package service fills the ports core.Gate and core.Service over the engine:
// it finds out who speaks, compares passwords and codes, asks the engine for
// what changes and the store for what is read, and leaves out what the person
// may not see. Windows, API handlers and the command line use nothing else.
//
// It decides no rule. It never returns a sealed value, and forgets passwords
// and codes as soon as they are compared.
package service

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/failpoint"
	"github.com/stint-pim/stint/core/seal"
)

// Mailer sends one mail with settings that may not be stored yet.
type Mailer interface {
	SendTest(ctx context.Context, s core.MailSettings, password core.Secret, to string, sample core.MailSample) error
	Preview(ctx context.Context, sample core.MailSample) (core.MailPreview, error)
}

// Config is what the gate is made of.
type Config struct {
	Engine *engine.Engine
	Box    *seal.Box
	Hasher *auth.Hasher
	Kinds  connector.Registry
	Mailer Mailer
	Log    *slog.Logger
	// Late says of mails that could not be sent for a while; nil: no mail is sent from here.
	Late func(ctx context.Context) *core.Trouble

	Archive Archive // nil: backups are not made here

	Version  string
	Host     string // what people call this server
	Embedded bool
	Sample   bool
	// Wall tells the machine's time for codes of the second factor, which
	// count by the real clock even where the engine's is held back. Nil: time.Now.
	Wall func() time.Time
}

// Gate lets people in.
type Gate struct {
	cfg      Config
	store    core.Store
	streams  crowd
	throttle auth.Throttle

	backingUp atomic.Bool
}

var _ core.Gate = (*Gate)(nil)

// New returns a gate.
func New(cfg Config) *Gate {
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Gate{cfg: cfg, store: cfg.Engine.Store()}
}

// Service speaks for one session.
type Service struct {
	*Gate
	session core.SessionID
	person  core.PersonID
	from    string
}

var _ core.Service = (*Service)(nil)

func (s *Service) actor() core.Actor {
	return core.Actor{Person: s.person, Session: s.session, From: s.from}
}

// Do see core.Service.
func (s *Service) Do(ctx context.Context, call core.Call) (core.Result, error) {
	if call.Command == nil || !core.IsPublic(call.Command) {
		return core.Result{}, core.Errorf(core.Invalid, "command", "command.unknown", "command", verb(call.Command))
	}
	if call.Wait < 0 || call.Wait > core.MaxWait {
		return core.Result{}, core.Errorf(core.Invalid, "wait", "duration.between", "min", core.Span(0), "max", core.Span(core.MaxWait))
	}
	cmd, first, err := s.withPassword(ctx, call.Command)
	if err != nil {
		return core.Result{}, err
	}
	res, err := s.cfg.Engine.Do(ctx, s.job(cmd, call.Code, call.Key, call.Wait))
	failpoint.Hit("service.done")
	if err == nil && !first.Empty() {
		stored, err := s.tookPassword(ctx, cmd, res)
		if err != nil {
			return res, err
		}
		if stored {
			res.Secret = first.Reveal()
		}
	}
	return res, err
}

// tookPassword reports whether the first password made for this very call is
// the one in force. It isn't where an idempotency key gave an earlier answer:
// that one's password was shown then, and is kept nowhere.
func (s *Service) tookPassword(ctx context.Context, c core.Command, res core.Result) (bool, error) {
	var person core.PersonID
	var hash string
	switch c := c.(type) {
	case core.AddPerson:
		person, hash = res.Person, c.Hash
	case core.ResetPassword:
		person, hash = c.Person, c.Hash
	}
	var same bool
	err := s.store.Read(context.WithoutCancel(ctx), func(v core.View) error {
		cr, ok := v.Credential(person)
		same = ok && cr.Hash == hash
		return v.Err()
	})
	return same, plain(err)
}

func verb(c core.Command) string {
	if c == nil {
		return ""
	}
	return c.Verb()
}

// withPassword fills the first password into commands that make one.
func (s *Service) withPassword(ctx context.Context, c core.Command) (core.Command, core.Secret, error) {
	var first core.Secret
	hash := func() (string, error) {
		// Who will be refused costs no hash: they are few at a time, and others
		// wait for theirs to sign in. Without one nobody could sign in either.
		if _, err := s.allowed(ctx, func(r core.Rights) bool { return r.People }); err != nil {
			return "", nil
		}
		first = auth.FirstPassword()
		return s.cfg.Hasher.Hash(ctx, first)
	}
	var err error
	switch cmd := c.(type) {
	case core.AddPerson:
		cmd.Hash, err = hash()
		return cmd, first, err
	case core.ResetPassword:
		cmd.Hash, err = hash()
		return cmd, first, err
	}
	return c, core.Secret{}, nil
}

// do commits a command of this session, with a code if one was given.
func (s *Service) do(ctx context.Context, c core.Command, code core.Secret, key string) (core.Result, error) {
	return s.cfg.Engine.Do(ctx, s.job(c, code, key, 0))
}

func (s *Service) job(c core.Command, code core.Secret, key string, wait time.Duration) engine.Job {
	j := engine.Job{Actor: s.actor(), Command: c, Key: key, Wait: wait}
	if !code.Empty() {
		j.Prepare = s.prepare(s.person, code)
	}
	return j
}

// prepare compares a code with a person's factor inside the transaction.
func (g *Gate) prepare(p core.PersonID, code core.Secret) func(core.View, core.Command, *core.Env) core.Command {
	return func(v core.View, c core.Command, env *core.Env) core.Command {
		proof, ok := g.match(v, p, code)
		env.Proof, env.Wrong = proof, !ok
		return c
	}
}

// Preview see core.Service.
func (s *Service) Preview(ctx context.Context, c core.Command) (core.Plan, error) {
	if c == nil || !core.IsPublic(c) {
		return core.Plan{}, core.Errorf(core.Invalid, "command", "command.unknown", "command", verb(c))
	}
	return s.cfg.Engine.Preview(ctx, s.actor(), c)
}

// read runs f on a snapshot after checking that the session is still good, and
// hands it who reads and what he may.
func (s *Service) read(ctx context.Context, f func(core.View, reader) error) error {
	var refused error
	err := s.store.Read(ctx, func(v core.View) error {
		now := s.cfg.Engine.Now()
		ses, p, err := core.LiveSession(v, s.session, now)
		if v.Err() != nil {
			return v.Err()
		}
		if err != nil {
			refused = err
			return nil
		}
		roles := core.StintRolesOf(v, p, core.Env{Now: now})
		r := reader{now: now, session: ses, person: p, roles: roles, rights: core.RightsOf(roles)}
		if cr, ok := v.Credential(p.ID); ses.Strength != core.StrengthFactor || !ok || cr.MustChange {
			r.rights, r.newcomer = core.Rights{}, true
		}
		refused = f(v, r)
		return v.Err()
	})
	if err != nil {
		return plain(err)
	}
	return refused
}

// reader is who reads.
type reader struct {
	now      time.Time
	session  core.Session
	person   core.Person
	roles    []core.RoleID
	rights   core.Rights
	newcomer bool // has to change the password or enrol a factor first
}

// allowed checks a right before a list is read.
func (s *Service) allowed(ctx context.Context, may func(core.Rights) bool) (reader, error) {
	var who reader
	err := s.read(ctx, func(_ core.View, r reader) error {
		who = r
		if r.newcomer {
			return core.Errorf(core.Forbidden, "", "factor.first")
		}
		if !may(r.rights) {
			return core.Errorf(core.Forbidden, "", "rights.read")
		}
		return nil
	})
	return who, err
}

func anyone(core.Rights) bool { return true }

func reading(r core.Rights) bool { return r.Read }

// plain turns what the store said into something for people.
func plain(err error) error {
	if err == nil || core.CodeOf(err) != core.Internal {
		return err
	}
	return core.Wrap(core.Unavailable, "store.unreadable", err)
}
