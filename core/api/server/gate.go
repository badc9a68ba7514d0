package server

import (
	"context"
	"net/http"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type none struct{}

// gateRoutes are for people who are not signed in yet, and for the way out.
func (s *server) gateRoutes() {
	answer(s, open(operation(http.MethodGet, api.PathGate, "gate", "gate", "What may be known before sign-in")),
		func(ctx context.Context, _ *none) (core.GateState, error) { return s.Gate.State(ctx) })

	type setUp struct{ Body api.SetUp }
	op := open(operation(http.MethodPost, api.PathSetUp, "set-up", "gate", "Make the first person of an empty installation"))
	op.Description = "Only from the machine where the server runs: else whoever comes first from the network would own it."
	op.DefaultStatus = http.StatusCreated
	answer(s, op, func(ctx context.Context, in *setUp) (api.Admission, error) {
		req := requestOf(ctx)
		if !req.peer.local {
			return api.Admission{}, core.Errorf(core.Forbidden, "", "api.local_only")
		}
		a, err := s.Gate.SetUp(ctx, core.FirstPerson{
			FullName: in.Body.FullName, Login: in.Body.Login, Mail: in.Body.Mail, Language: in.Body.Language,
			Password: core.NewSecret(in.Body.Password), Organisation: in.Body.Organisation, From: req.from,
		})
		return admission(a), err
	})

	type signIn struct{ Body api.SignIn }
	op = open(operation(http.MethodPost, api.PathSessions, "sign-in", "gate", "Sign in"))
	op.DefaultStatus = http.StatusCreated
	answer(s, op, func(ctx context.Context, in *signIn) (api.Admission, error) {
		req := requestOf(ctx)
		a, err := s.Gate.SignIn(ctx, core.SignIn{
			Login: in.Body.Login, Password: core.NewSecret(in.Body.Password), Code: core.NewSecret(in.Body.Code),
			Device: core.NewSecret(in.Body.Device), From: req.from,
		})
		return admission(a), err
	})

	perform(s, operation(http.MethodDelete, api.PathSession, "sign-out", "gate", "Sign out"),
		func(ctx context.Context, _ *none) error { return service(ctx).SignOut(ctx) })
}

func admission(a core.Admission) api.Admission {
	return api.Admission{Token: a.Token.Reveal(), Session: a.Session, MustChangePassword: a.MustChangePassword, MustEnrol: a.MustEnrol, Device: a.Device.Reveal()}
}
