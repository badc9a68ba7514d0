package house

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/auth/mfa"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/connector/memory"
	"github.com/stint-pim/stint/core/sample"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/storage/sqlite"
)

// guide is what the window needs to go through the sample as its first person.
// It opens nothing but invented data.
type guide struct {
	Login  string `json:"login"`
	Token  string `json:"token"`
	Secret string `json:"secret"`
}

const guideFile = "sample.json"

// MakeSample fills a new store in dir with sample data. It takes some seconds,
// tells how far it is, and leaves nothing behind when it is cancelled.
func MakeSample(ctx context.Context, dir string, now time.Time, tell core.Progress) (err error) {
	path := filepath.Join(dir, FileName)
	if err := RemoveSample(dir); err != nil {
		return core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{Unsafe: true, DropDeliveries: true})
	if err != nil {
		return err
	}
	made, err := fillSample(ctx, db, dir, now, tell)
	if err := errors.Join(err, db.Close()); err != nil {
		return errors.Join(err, RemoveSample(dir))
	}
	b, err := json.Marshal(guide{made.Login, made.Token.Reveal(), made.Secret.Reveal()})
	if err != nil {
		return core.Wrap(core.Internal, "internal.fault", err)
	}
	if err := os.WriteFile(filepath.Join(dir, guideFile), b, 0o600); err != nil {
		return core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	return nil
}

func fillSample(ctx context.Context, db core.Store, dir string, now time.Time, tell core.Progress) (sample.Made, error) {
	key, err := seal.OpenKey(ctx, dir, seal.Options{StoreID: "sample", Fresh: true})
	if err != nil {
		return sample.Made{}, err
	}
	return sample.Make(ctx, sample.Options{Store: db, Box: key.Box(), Now: now, Seed: 20, Tell: tell})
}

// HasSample reports whether dir holds sample data that can still be looked at.
func HasSample(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, guideFile))
	return err == nil
}

// RemoveSample deletes the sample data in dir.
func RemoveSample(dir string) error {
	err := os.Remove(filepath.Join(dir, guideFile))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, Remove(filepath.Join(dir, FileName)))
}

// Guide leads through sample data.
type Guide struct {
	Token  core.Secret
	secret core.Secret
}

// OpenGuide reads how to look at the sample data in dir.
func OpenGuide(dir string) (Guide, error) {
	b, err := os.ReadFile(filepath.Join(dir, guideFile))
	if err != nil {
		return Guide{}, core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	var g guide
	if err := json.Unmarshal(b, &g); err != nil {
		return Guide{}, core.Wrap(core.Unavailable, "store.unavailable", err)
	}
	return Guide{Token: core.NewSecret(g.Token), secret: core.NewSecret(g.Secret)}, nil
}

// Code returns the code that the sample person's authenticator would show.
func (g Guide) Code(now time.Time) string { return mfa.Code(g.secret, now) }

// remember fills the systems in memory with what they held when the sample was
// last looked at: they themselves remember nothing.
func remember(ctx context.Context, db core.Store, kind *memory.Kind) error {
	systems, err := db.Systems(ctx)
	if err != nil {
		return err
	}
	for _, s := range systems {
		if s.Kind != core.KindSample {
			continue
		}
		d, err := kind.Open(connector.Config{Name: s.Name, Settings: s.Settings}) // makes it play its part
		if err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
		if err := rememberSystem(ctx, db, s, kind.System(s.Name)); err != nil {
			return err
		}
		if !s.Health.OK() && s.Health.Error != "" {
			kind.System(s.Name).Fail(memory.Unreachable, -1) // it was away, and still is
		}
	}
	return nil
}

func rememberSystem(ctx context.Context, db core.Store, s core.System, sys *memory.System) error {
	for after := ""; ; {
		l, err := db.Roles(ctx, core.RoleFilter{System: s.ID}, core.Page{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, r := range l.Items {
			sys.AddRole(core.FoundRole{External: r.External, Description: r.Description, Privileged: r.Privileged})
		}
		if after = l.Next; after == "" {
			break
		}
	}
	rows, _, err := db.DriftOf(ctx, s.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		err := db.Read(ctx, func(v core.View) error {
			if role, ok := v.Role(r.Role); ok && r.Kind == core.DriftOutside { // what was done by hand is there still
				sys.AddAccount(r.Account)
				sys.Put(role.External, r.Account, true)
			}
			return v.Err()
		})
		if err != nil {
			return err
		}
	}
	for after := ""; ; {
		l, err := db.Assignments(ctx, core.AssignmentFilter{System: s.ID}, core.Page{After: after, Limit: 500})
		if err != nil {
			return err
		}
		err = db.Read(ctx, func(v core.View) error {
			for _, a := range l.Items {
				acc, ok := v.Account(a.Principal, s.ID)
				role, known := v.Role(a.Role)
				if !ok || !known {
					continue
				}
				sys.AddAccount(acc.External)
				if g, ok := v.Grant(a.Grant); ok && g.Evidence.Holds {
					sys.Put(role.External, acc.External, true)
				}
			}
			return v.Err()
		})
		if err != nil {
			return err
		}
		if after = l.Next; after == "" {
			return nil
		}
	}
}
