package guitest

import (
	"context"

	"github.com/stint-pim/stint/core"
)

// Gate lets one person in, whose password is Password and whose code is Code.
type Gate struct {
	Service core.Service
	Start   core.GateState
	Enrol   bool // the person has no second factor yet
	Change  bool // the person must change the password
	Token   string
}

var _ core.Gate = (*Gate)(nil)

// NewGate is a gate of a server in the window, with somebody in it already.
func NewGate(s core.Service) *Gate {
	return &Gate{Service: s, Token: "token", Start: core.GateState{Embedded: true, Version: "1.0", Organisation: "Example AG"}}
}

// State implements core.Gate.
func (g *Gate) State(context.Context) (core.GateState, error) { return g.Start, nil }

// SetUp implements core.Gate.
func (g *Gate) SetUp(_ context.Context, p core.FirstPerson) (core.Admission, error) {
	if !g.Start.Empty {
		return core.Admission{}, &core.Error{Code: core.Conflict, Message: "Stint is set up already."}
	}
	if len(p.Password.Reveal()) < 12 {
		return core.Admission{}, &core.Error{Code: core.Invalid, Field: "password", Message: "A password has at least 12 characters."}
	}
	g.Start.Empty = false
	return core.Admission{Token: core.NewSecret(g.Token), MustEnrol: true, Service: g.Service}, nil
}

// SignIn implements core.Gate.
func (g *Gate) SignIn(_ context.Context, s core.SignIn) (core.Admission, error) {
	if s.Login != "alice" || s.Password.Reveal() != Password {
		return core.Admission{}, &core.Error{Code: core.Unauthenticated, Message: "Login or password is wrong."}
	}
	a := core.Admission{Token: core.NewSecret(g.Token), Service: g.Service, MustEnrol: g.Enrol, MustChangePassword: g.Change}
	if g.Enrol {
		return a, nil
	}
	if s.Code.Empty() {
		return core.Admission{}, &core.Error{Code: core.ProofRequired, Field: "code", Message: "Type the code."}
	}
	if err := codeOK(s.Code.Reveal()); err != nil {
		return core.Admission{}, err
	}
	return a, nil
}

// Resume implements core.Gate.
func (g *Gate) Resume(_ context.Context, t core.Secret) (core.Service, error) {
	if t.Reveal() != g.Token {
		return nil, &core.Error{Code: core.Unauthenticated, Message: "The session has ended."}
	}
	return g.Service, nil
}
