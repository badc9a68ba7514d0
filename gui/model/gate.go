package model

import (
	"errors"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
)

// Trouble is what stands in the window when Stint can't be used: what
// happened, what it means for access, and what to do.
type Trouble struct {
	Icon   string
	Tone   Tone // bad: Stint is not at work, so that access stays
	Title  string
	What   string // what happened
	Means  string // for access that runs
	Do     string
	Detail string // for somebody who is asked for help
	Backup bool   // a backup would help
	Waits  bool   // it may pass by itself, so that it is tried again now and then
}

// TroubleOf says what an error at the gate means. Which of them it is stands
// in the error's key, as their codes are few.
func TroubleOf(say *Text, err error) Trouble {
	var e *core.Error
	key := ""
	if errors.As(err, &e) {
		key = string(e.Key)
	}
	kind, icon, tone, waits := "other", "warning", ToneBad, false
	is := func(keys ...string) bool { return slices.Contains(keys, key) }
	switch {
	case is("storage.held", "storage.busy", "api.socket_taken"):
		kind, icon, tone, waits = "held", "computer", ToneEligible, true
	case is("storage.damaged", "storage.chain"):
		kind = "damaged"
	case is("storage.not_database"):
		kind = "foreign"
	case strings.HasPrefix(key, "seal."):
		kind, icon = "key", "lock"
	case is("storage.denied", "storage.read_only", "storage.no_folder", "storage.missing"):
		kind, icon = "denied", "lock"
	case is("storage.full"):
		kind, waits = "full", true
	case is("storage.io", "storage.broken"):
		kind, waits = "disk", true
	case is("storage.newer", "storage.older", "api.broken"):
		kind = "version"
	case is("api.unreachable", "api.timeout", "api.cut_off"), key == "" && core.CodeOf(err) == core.Unavailable:
		kind, icon, tone, waits = "away", "server", ToneWarn, true
	}
	t := Trouble{Icon: icon, Tone: tone, Waits: waits, Backup: kind == "damaged", What: say.Error(err), Title: say.T("gate.title." + kind), Means: say.T("gate.means." + kind), Do: say.T("gate.do." + kind)}
	if kind == "full" { // the store's own sentence is about something that was asked
		t.What = say.T("gate.what.full")
	}
	if e != nil {
		parts := []string{string(e.Code)}
		if key != "" {
			parts = append(parts, key)
		}
		for _, name := range []string{"path", "server", "holder", "address"} {
			if v := e.Args[name]; v != "" {
				parts = append(parts, v)
			}
		}
		t.Detail = strings.Join(parts, " · ")
	}
	return t
}
