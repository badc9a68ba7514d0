package mail

import "github.com/stint-pim/stint/core"

// ending is how an access ended, as far as the log tells; without a Cause it
// doesn't.
type ending struct {
	Cause   string // one of core.EndCause
	EndedBy string
	Itself  bool   // EndedBy is whose access it was
	On      string // why what it stood on ended
	Group   string
	// Again says that the person can still activate it. What an administrator
	// ended may be such, or not.
	Again bool
}

func endingOf(e core.Ended) ending {
	out := ending{Cause: string(e.Cause), EndedBy: oneLine(e.By), Itself: e.Itself, On: string(e.On), Group: oneLine(e.Group)}
	switch e.Cause {
	case core.EndLock, core.EndSleep, core.EndLost:
		out.EndedBy = "" // nobody wanted it just then
	}
	switch e.Cause {
	case "", core.EndTime, core.EndDropped, core.EndLock, core.EndSleep, core.EndSignOut, core.EndAllSessions, core.EndShortened, core.EndClock:
		out.Again = true
	}
	return out
}
