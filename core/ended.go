package core

import (
	"slices"
	"strings"
)

// EndCause says why an assignment ended.
type EndCause string

const (
	EndTime        EndCause = "time"      // its end came
	EndDropped     EndCause = "dropped"   // the person ended it
	EndLock        EndCause = "lock"      // the screen was locked, and its settings say that this ends it
	EndSleep       EndCause = "sleep"     // or the computer went to sleep
	EndSignOut     EndCause = "sign-out"  // or the person signed out
	EndRemoved     EndCause = "removed"   // an administrator ended it
	EndBasis       EndCause = "basis"     // the eligible assignment that it stood on ended
	EndShortened   EndCause = "shortened" // or got an earlier end
	EndAllSessions EndCause = "sessions"  // all sessions of the person were ended
	EndDisabled    EndCause = "disabled"  // the person was disabled
	EndLeft        EndCause = "left"      // the person left the group through which it came
	EndGroup       EndCause = "group"     // the group's assignment ended
	EndClock       EndCause = "clock"     // a corrected clock was accepted
	EndSystem      EndCause = "system"    // the system is being removed from Stint
	EndLost        EndCause = "lost"      // it was taken away on the system
)

// What the log says of an end. EndOf reads it back; entries are kept for ever,
// so that other words would need the old ones beside them.
const (
	endedDropped   = "before its end"
	endedRemoved   = "removed by an administrator"
	endedBasis     = "the eligible assignment it stood on ended"
	endedShortened = "the eligible assignment it stands on was shortened"
	endedDisabled  = "the person was disabled"
	endedClock     = "a corrected clock was accepted"
	endedSystem    = "the system is being removed from Stint"
	endedLost      = "it was taken away on the system, not by Stint"

	sessionsEnded = "all sessions of the person were ended" // behind endedDropped

	endedTime  = "its end came at "             // and when
	endedLeft  = "left the group "              // and which
	endedGroup = "the assignment of the group " // and of which, and " ended"
)

// Ended is who ended an assignment and why, as the log has it.
type Ended struct {
	Cause  EndCause
	By     string // "Stint" where nobody did
	Itself bool   // By is the person whose it was
	Why    string // the reason that was given
	Group  string // of EndLeft and EndGroup
	// On is, of EndBasis, why what it stood on ended. By and Why are of that.
	On EndCause
}

// EndOf reads from entries, which are those of an assignment and of what it
// stood on in their order (Query.Story), how it ended; false: they don't tell.
func EndOf(entries []Entry, id AssignmentID) (Ended, bool) {
	i := lastEnd(entries, func(e Entry) bool { return e.Assignment == id })
	if i < 0 {
		return Ended{}, false
	}
	out := endingIn(entries[i])
	if out.Cause != EndBasis {
		return out, out.Cause != ""
	}
	if j := lastEnd(entries[:i], func(e Entry) bool { return e.Assignment != id }); j >= 0 {
		on := endingIn(entries[j])
		switch on.Cause {
		case EndLeft, EndGroup, EndSystem: // what ended the one ended the other
			return on, true
		}
		out.By, out.Itself, out.Why, out.Group, out.On = on.By, on.Itself, on.Why, on.Group, on.Cause
	}
	return out, true
}

func lastEnd(entries []Entry, of func(Entry) bool) int {
	ends := []EventKind{ActivationDropped, ActivationEnded, ActivationExpired, AssignmentRemoved, AssignmentExpired}
	for i, e := range slices.Backward(entries) {
		if of(e) && e.Outcome == OutcomeDone && slices.Contains(ends, e.Action) {
			return i
		}
	}
	return -1
}

func endingIn(e Entry) Ended {
	out := Ended{By: e.ActorName, Itself: e.Actor != "" && e.Actor == e.Principal, Why: e.Justification}
	fixed := map[string]EndCause{
		endedDropped: EndDropped, endedRemoved: EndRemoved, endedBasis: EndBasis, endedShortened: EndShortened, endedDisabled: EndDisabled,
		endedClock: EndClock, endedSystem: EndSystem, endedLost: EndLost,
		dropped(DropOnLock.why()): EndLock, dropped(DropOnSleep.why()): EndSleep, dropped(DropOnSignOut.why()): EndSignOut, dropped(sessionsEnded): EndAllSessions,
	}
	out.Cause = fixed[e.Detail]
	if strings.HasPrefix(e.Detail, endedTime) {
		out.Cause = EndTime
	}
	if g, ok := strings.CutPrefix(e.Detail, endedLeft); ok {
		out.Cause, out.Group = EndLeft, g
	}
	if g, ok := strings.CutPrefix(e.Detail, endedGroup); ok {
		out.Cause, out.Group = EndGroup, strings.TrimSuffix(g, " ended")
	}
	return out
}

// dropped is what the log says where the person ended it, or what of his did.
func dropped(why string) string {
	if why == "" {
		return endedDropped
	}
	return endedDropped + ": " + why
}
