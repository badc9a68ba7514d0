package memory

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
)

// cut does to a time what storing it in microseconds does.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func clone(b []byte) []byte { return slices.Clone(b) }

// The functions below copy what has parts that could be changed from outside;
// rows pass through them on their way in and out.

func settings(s core.Settings) core.Settings {
	s.Mail.Sealed = clone(s.Mail.Sealed)
	return s
}

func system(s core.System) core.System {
	s.Settings, s.Sealed = maps.Clone(s.Settings), clone(s.Sealed)
	s.Created = cut(s.Created)
	s.Health.Checked, s.Health.LastOK, s.Health.Since = cut(s.Health.Checked), cut(s.Health.LastOK), cut(s.Health.Since)
	return s
}

func factor(f core.Factor) core.Factor {
	f.Sealed, f.Recovery, f.LockedTill = clone(f.Sealed), slices.Clone(f.Recovery), cut(f.LockedTill)
	return f
}

func favourite(f core.Favourite) core.Favourite {
	f.Items = slices.Clone(f.Items)
	return f
}

// policy goes through JSON, as it does into a database: durations come back in
// whole seconds.
func policy(s core.PolicySettings) (out core.PolicySettings) {
	b, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic(err) // numbers, switches and texts always marshal
	}
	return out
}

// approval goes through JSON, as it does into a database.
func approval(a *core.Approval) (out *core.Approval) {
	if a == nil {
		return nil
	}
	b, err := json.Marshal(a)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		panic(err) // numbers, texts and times always go
	}
	return out
}
