package core

import "context"

// KeyFull is the key of the Error with which a store refuses what it has no
// room for.
const KeyFull TextKey = "storage.full"

// KeyBroken is the key of the Error with which a store refuses everything
// after its disk has failed in a way that leaves open what is on it.
const KeyBroken TextKey = "storage.broken"

type reserved struct{}

// WithReserve marks a write that may use the room which a store keeps for the
// day on which its disk is full.
func WithReserve(ctx context.Context) context.Context {
	return context.WithValue(ctx, reserved{}, true)
}

// MayUseReserve reports whether ctx is marked so.
func MayUseReserve(ctx context.Context) bool {
	may, _ := ctx.Value(reserved{}).(bool)
	return may
}

// Spares reports whether c may use that room: it takes access away, writes down
// what a system holds, or lets somebody in who may want to take access away.
// Wrong passwords are among them: what isn't counted can be tried for ever.
func Spares(c Command) bool {
	switch c := c.(type) {
	case Drop, RemoveAssignments, RemoveOutside, RemoveSystem, DisablePerson, EndSessions,
		EndAssignment, RecordOutcome, RecordHealth, FinishDrain, NoteStore,
		OpenSession, TouchSession, CloseSession, CheckPassword:
		return true
	case SetAccount:
		return c.External == ""
	}
	return false
}
