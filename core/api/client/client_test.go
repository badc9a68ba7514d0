package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/client"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]core.Code{
		"unix:///run/s.sock":         "",
		"https://stint.example.org":  "",
		"https://10.0.0.1:8443/base": "",
		"http://127.0.0.1:8080":      "",
		"http://[::1]:8080":          "",
		"http://localhost:8080":      "",
		"http://stint.example.org":   core.Refused,
		"http://127.0.0.1.evil.org":  core.Refused,
		"http://10.0.0.1":            core.Refused,
		"":                           core.Invalid,
		"stint.example.org":          core.Invalid,
		"ftp://stint.example.org":    core.Invalid,
		"https://":                   core.Invalid,
		"https://a:b@example.org":    core.Invalid,
		"https://example.org?x=1":    core.Invalid,
		"unix://host/path":           core.Invalid,
		"unix://":                    core.Invalid,
		"https://%zz":                core.Invalid,
	} {
		_, err := client.New(client.Options{Server: address})
		if got := core.CodeOf(err); got != want {
			t.Errorf("%q: got %v, want %q", address, err, want)
		}
	}
}

// What stands in between, or is no Stint at all, is never taken for an answer.
func TestStrangers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		kind   string
		body   string
		want   core.Code
	}{
		"a page":             {200, "text/html", "<html>", core.Unavailable},
		"nothing":            {200, "application/json", "", core.Unavailable},
		"half":               {200, "application/json", `{"empty":`, core.Unavailable},
		"a proxy's 502":      {502, "text/html", "<html>", core.Unavailable},
		"a proxy's 413":      {413, "text/html", "<html>", core.Invalid},
		"a proxy's 401":      {401, "text/html", "<html>", core.Unauthenticated},
		"an empty problem":   {500, "application/problem+json", "{}", core.Internal},
		"a redirect":         {302, "text/html", "", core.Internal},
		"an unknown status":  {599, "", "", core.Internal},
		"an endless problem": {500, "application/problem+json", `{"message":"` + strings.Repeat("x", 3<<20), core.Internal},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			if c.status == 302 {
				w.Header().Set("Location", "https://evil.example/")
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		gate, err := client.New(client.Options{Server: s.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gate.State(t.Context()); core.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		gate.Close()
		s.Close()
	}
}

// An error never carries what was asked, which may be secret.
func TestUnreachableSaysNothingOfTheRequest(t *testing.T) {
	gate, err := client.New(client.Options{Server: "unix:///nowhere", Dial: func(context.Context) (net.Conn, error) {
		return nil, errors.New("no route")
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = gate.SignIn(t.Context(), core.SignIn{Login: "alice", Password: core.NewSecret("hunter2")})
	if core.CodeOf(err) != core.Unavailable || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "sessions") {
		t.Errorf("got %v", err)
	}
}

func TestEndlessEventsAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/me":
			_, _ = io.WriteString(w, "{}")
		default:
			w.Header().Set("Content-Type", "text/event-stream")
			piece := strings.Repeat("x", 1<<16)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, piece); err != nil {
					return
				}
			}
		}
	}))
	defer s.Close()
	gate, err := client.New(client.Options{Server: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close()
	svc, err := gate.Resume(t.Context(), core.NewSecret("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := svc.VerifyAudit(t.Context(), core.Hash{}, nil); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v", err)
	}
}
