package core

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. The set is fixed for ever: the
// same in process, as HTTP status and as exit status (core/api has the table).
type Code string

const (
	Invalid         Code = "invalid"         // a field is missing, malformed or out of its limit
	Unauthenticated Code = "unauthenticated" // nobody is signed in, or the session ended
	ProofRequired   Code = "proof_required"  // a fresh code of the second factor is needed, or the one given is wrong or used
	Forbidden       Code = "forbidden"       // the actor's roles don't allow it
	NotFound        Code = "not_found"       // no such thing, or none the actor may see
	Conflict        Code = "conflict"        // the thing exists already, or changed meanwhile
	Refused         Code = "refused"         // a rule or a role's policy says no
	Locked          Code = "locked"          // too many wrong attempts; opens again by itself
	Unavailable     Code = "unavailable"     // a system, the mail server or the store can't be reached now
	Canceled        Code = "canceled"        // the caller gave up
	Internal        Code = "internal"        // our fault
)

// Error is the one error type that crosses a package's border with meaning.
// Message is for people, in English; Key and Args let a window say the same in
// another language. Err is for the log of the server and never leaves it.
type Error struct {
	Code    Code              `json:"code"`
	Field   string            `json:"field,omitempty"` // the field of the command that is at fault, in snake case, or empty
	Key     TextKey           `json:"key,omitempty"`
	Args    map[string]string `json:"args,omitempty"`
	Message string            `json:"message"`
	Err     error             `json:"-"` // never on the wire
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an Error of the same code and, where target
// names one, the same key.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Key == "" || t.Key == e.Key)
}

// CodeOf returns the code of the first Error in err's chain, Internal for any
// other error, and the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Errorf makes an Error whose message comes from the catalogue. args are
// name, value pairs that fill the {name} places of the text.
func Errorf(code Code, field string, key TextKey, args ...string) *Error {
	if len(args)%2 != 0 {
		panic(fmt.Sprintf("core: odd arguments for %s", key))
	}
	m := make(map[string]string, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return &Error{Code: code, Field: field, Key: key, Args: m, Message: Fill(English(key), m)}
}

// Wrap makes an Error of the given code around err, which is kept for the log.
func Wrap(code Code, key TextKey, err error, args ...string) *Error {
	e := Errorf(code, "", key, args...)
	e.Err = err
	return e
}
