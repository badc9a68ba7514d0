package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/seal"
)

// Kinds see core.Service.
func (s *Service) Kinds(ctx context.Context) ([]core.KindInfo, error) {
	if _, err := s.allowed(ctx, reading); err != nil {
		return nil, err
	}
	var out []core.KindInfo
	for _, k := range []core.Kind{core.KindPostgres, core.KindLinux, core.KindSample} {
		if kind, ok := s.cfg.Kinds[k]; ok && (k != core.KindSample || s.cfg.Sample) {
			info := kind.Info()
			settings := map[string]string{}
			for _, f := range info.Fields {
				settings[f.Name] = cmp.Or(f.Default, f.Example)
			}
			info.Statements = kind.Statements(connector.Config{Settings: settings})
			out = append(out, info)
		}
	}
	return out, nil
}

// Probe see core.Service.
func (s *Service) Probe(ctx context.Context, id core.SystemID, spec core.SystemSpec) (core.Probe, error) {
	if _, err := s.allowed(ctx, func(r core.Rights) bool { return r.Access }); err != nil {
		return core.Probe{}, err
	}
	kind := s.cfg.Kinds[spec.Kind]
	if err := core.CheckSettings(s.cfg.Kinds.Settings(), spec.Kind, spec.Settings); err != nil {
		return core.Probe{}, err
	}
	cfg := connector.Config{Name: spec.Name, Settings: spec.Settings, Secret: spec.Secret}
	managed := map[string]bool{}
	err := s.read(ctx, func(v core.View, _ reader) error {
		stored, ok := v.System(id)
		if id != "" && (!ok || stored.Kind != spec.Kind) {
			return core.Errorf(core.NotFound, "system", "system.unknown")
		}
		if id != "" && spec.Secret.Empty() && len(stored.Sealed) > 0 {
			// The stored credential goes only where it was stored for: else
			// who may edit a system could have it sent to a host of his own.
			if !core.SameAddress(stored.Settings, spec.Settings) {
				return core.Errorf(core.Refused, "secret", "probe.secret_again")
			}
			secret, err := s.cfg.Box.OpenSecret(seal.SystemContext(id), stored.Sealed)
			if err != nil {
				return core.Wrap(core.Unavailable, "seal.unreadable", err)
			}
			cfg.Secret = secret
		}
		return nil
	})
	if err != nil {
		return core.Probe{}, err
	}
	if id != "" {
		if err := s.managed(ctx, id, managed); err != nil {
			return core.Probe{}, err
		}
	}
	return probe(ctx, kind, cfg, managed), nil
}

func (s *Service) managed(ctx context.Context, id core.SystemID, into map[string]bool) error {
	for after := ""; ; {
		l, err := s.store.Roles(ctx, core.RoleFilter{System: id}, core.Page{After: after, Limit: 500})
		if err != nil {
			return plain(err)
		}
		for _, r := range l.Items {
			into[r.External] = true
		}
		if after = l.Next; after == "" {
			return nil
		}
	}
}

// probe connects and looks. What fails stands in the steps, not in an error:
// the wizard shows how far it came.
func probe(ctx context.Context, kind connector.Kind, cfg connector.Config, managed map[string]bool) core.Probe {
	p := core.Probe{Statements: kind.Statements(cfg)}
	step := func(name core.TextKey, do func() error) bool {
		began := time.Now()
		err := do()
		st := core.ProbeStep{Name: name, OK: err == nil, Took: time.Since(began)}
		if err != nil {
			st.Problem = connector.Problem(err)
		}
		p.Steps = append(p.Steps, st)
		return err == nil
	}
	var target *connector.Target
	ok := step("probe.settings", func() error {
		d, err := kind.Open(cfg)
		if err == nil {
			target = connector.NewTarget(d, connector.Limits{})
		}
		return err
	})
	if !ok {
		return p
	}
	defer func() { _ = target.Close() }() // nothing was changed that closing could lose
	if !step("probe.connect", func() (err error) { p.Version, err = target.Check(ctx); return err }) {
		return p
	}
	p.OK = step("probe.discover", func() error {
		f, err := target.Discover(ctx)
		p.Roles, p.Accounts = f.Roles, f.Accounts
		return err
	})
	for i := range p.Roles {
		p.Roles[i].Managed = managed[p.Roles[i].External]
	}
	return p
}

// PreviewMail see core.Service.
func (s *Service) PreviewMail(ctx context.Context, sample core.MailSample) (core.MailPreview, error) {
	who, err := s.allowed(ctx, func(r core.Rights) bool { return r.Settings })
	if err != nil {
		return core.MailPreview{}, err
	}
	if sample, err = checkSample(sample, who.person); err != nil {
		return core.MailPreview{}, err
	}
	return s.cfg.Mailer.Preview(ctx, sample)
}

// checkSample refuses what is never mailed, and fills in the language.
func checkSample(m core.MailSample, who core.Person) (core.MailSample, error) {
	if m.Kind != "" && !slices.Contains(core.MailKinds(), m.Kind) {
		return m, core.Errorf(core.Invalid, "kind", "mail.no_such_notice", "kind", core.Clip(string(m.Kind), 40))
	}
	if m.Language == "" {
		m.Language = who.Language
	}
	return m, nil
}

// SendTestMail see core.Service.
func (s *Service) SendTestMail(ctx context.Context, m core.MailSettings, password core.Secret, to string, sample core.MailSample) error {
	who, err := s.allowed(ctx, func(r core.Rights) bool { return r.Settings })
	if err != nil {
		return err
	}
	if err := core.CheckMail(m); err != nil {
		return err
	}
	if password.Empty() && m.Auth != core.MailAuthNone {
		err := s.read(ctx, func(v core.View, _ reader) error {
			stored := v.Settings().Mail
			if len(stored.Sealed) == 0 {
				return nil
			}
			if !core.SameMailServer(stored, m) {
				return core.Errorf(core.Refused, "password", "probe.secret_again")
			}
			var err error
			if password, err = s.cfg.Box.OpenSecret(core.MailSealContext, stored.Sealed); err != nil {
				return core.Wrap(core.Unavailable, "seal.unreadable", err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if sample, err = checkSample(sample, who.person); err != nil {
		return err
	}
	sent := s.cfg.Mailer.SendTest(ctx, m, password, to, sample)
	note := core.NoteMailTest{To: core.Clip(to, 254)}
	if sent != nil {
		note.Problem = string(core.CodeOf(sent))
	}
	if _, err := s.do(context.WithoutCancel(ctx), note, core.Secret{}, ""); err != nil {
		return err
	}
	return sent
}
