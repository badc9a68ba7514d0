package client

import (
	"context"
	"net/http"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// State asks what may be known before sign-in. It is also the way to learn
// whether a server is there: if not, the error is of code Unavailable.
func (c *Client) State(ctx context.Context) (core.GateState, error) {
	var out core.GateState
	err := c.do(ctx, call{method: http.MethodGet, path: api.PathGate}, &out)
	return out, err
}

// SetUp makes the first person. From is the server's to say.
func (c *Client) SetUp(ctx context.Context, p core.FirstPerson) (core.Admission, error) {
	return c.admit(ctx, api.PathSetUp, api.SetUp{
		FullName: p.FullName, Login: p.Login, Mail: p.Mail, Language: p.Language,
		Password: p.Password.Reveal(), Organisation: p.Organisation,
	})
}

// SignIn opens a session. From is the server's to say.
func (c *Client) SignIn(ctx context.Context, s core.SignIn) (core.Admission, error) {
	return c.admit(ctx, api.PathSessions, api.SignIn{Login: s.Login, Password: s.Password.Reveal(), Code: s.Code.Reveal(), Device: s.Device.Reveal()})
}

func (c *Client) admit(ctx context.Context, path string, body any) (core.Admission, error) {
	var a api.Admission
	if err := c.do(ctx, call{method: http.MethodPost, path: path, body: body}, &a); err != nil {
		return core.Admission{}, err
	}
	token := core.NewSecret(a.Token)
	return core.Admission{
		Token: token, Session: a.Session, MustChangePassword: a.MustChangePassword, MustEnrol: a.MustEnrol,
		Device: core.NewSecret(a.Device), Service: &remote{c, token},
	}, nil
}

// Resume asks the server whether the session is still good.
func (c *Client) Resume(ctx context.Context, token core.Secret) (core.Service, error) {
	if token.Empty() || !sendable(token.Reveal()) {
		return nil, core.Errorf(core.Unauthenticated, "", "api.no_session")
	}
	r := &remote{c, token}
	if _, err := r.Me(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// sendable reports whether s can stand in a header.
func sendable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
