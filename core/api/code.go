package api

import "github.com/stint-pim/stint/core"

// Meaning is one row of the table of codes.
type Meaning struct {
	Code   core.Code
	Status int // of HTTP
	Exit   int // of the command line
}

// Codes is the table, fixed for ever: scripts rely on it. 499 is what servers
// commonly write for a caller that went away; it never reaches one.
func Codes() []Meaning {
	return []Meaning{
		{core.Invalid, 400, 2},
		{core.Unauthenticated, 401, 3},
		{core.ProofRequired, 401, 4},
		{core.Forbidden, 403, 5},
		{core.NotFound, 404, 6},
		{core.Conflict, 409, 7},
		{core.Refused, 422, 8},
		{core.Locked, 423, 9},
		{core.Unavailable, 503, 10},
		{core.Canceled, 499, 11},
		{core.Internal, 500, 1},
	}
}

// Status returns the HTTP status of a code; 500 for one it does not know.
func Status(c core.Code) int { return meaning(c).Status }

// Exit returns the exit status for an error: 0 for nil, 1 for an error that
// has no code.
func Exit(err error) int {
	if err == nil {
		return 0
	}
	return meaning(core.CodeOf(err)).Exit
}

func meaning(c core.Code) Meaning {
	for _, m := range Codes() {
		if m.Code == c {
			return m
		}
	}
	return Meaning{core.Internal, 500, 1}
}

// CodeOfStatus guesses the code of an answer that carries no problem, such as
// that of a proxy in between.
func CodeOfStatus(status int) core.Code {
	for _, m := range Codes() {
		if m.Status == status {
			return m.Code // 401: Unauthenticated, which stands first
		}
	}
	switch {
	case status == 413 || status == 414 || status == 415 || status == 431:
		return core.Invalid
	case status == 405:
		return core.NotFound
	case status == 429 || status == 502 || status == 504:
		return core.Unavailable
	}
	return core.Internal
}
