package api

import (
	"errors"

	"github.com/stint-pim/stint/core"
)

// ProblemType is the media type of a problem (RFC 9457).
const ProblemType = "application/problem+json"

// Problem is an error on the wire. It is made of a core.Error without its
// Err, and never repeats what was submitted beyond what Args shows on purpose.
type Problem struct {
	Status  int               `json:"status" doc:"The HTTP status, repeated."`
	Code    core.Code         `json:"code" doc:"What kind of failure this is; fixed for ever." enum:"invalid,unauthenticated,proof_required,forbidden,not_found,conflict,refused,locked,unavailable,canceled,internal"`
	Field   string            `json:"field,omitempty" doc:"The field at fault."`
	Key     core.TextKey      `json:"key,omitempty" doc:"Names the sentence of message, for translation."`
	Args    map[string]string `json:"args,omitempty" doc:"What fills the places of the sentence."`
	Message string            `json:"message" doc:"For people, in English."`
	Request string            `json:"request,omitempty" doc:"The number of the request in the server's log."`
}

// ProblemOf makes a problem of any error. What is no core.Error is Internal
// and says nothing about itself.
func ProblemOf(err error) *Problem {
	var e *core.Error
	if !errors.As(err, &e) {
		e = core.Errorf(core.Internal, "", "api.internal")
	}
	return &Problem{Status: Status(e.Code), Code: e.Code, Field: e.Field, Key: e.Key, Args: e.Args, Message: e.Message}
}

// Err is the inverse of ProblemOf.
func (p *Problem) Err() *core.Error {
	e := &core.Error{Code: p.Code, Field: p.Field, Key: p.Key, Args: p.Args, Message: p.Message}
	if e.Args == nil {
		e.Args = map[string]string{} // as core.Errorf makes it
	}
	return e
}

// Error makes a problem usable as an error inside the server.
func (p *Problem) Error() string { return p.Message }

// GetStatus is what huma asks an error for.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is what huma asks an error for.
func (p *Problem) ContentType(string) string { return ProblemType }
