package apitest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
)

var same = cmp.Options{
	cmp.AllowUnexported(core.Secret{}),
	cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(core.Error{}, "Err"),
}

// methods calls every method of core.Service with filled arguments and returns
// what each answered. It is the list that all tests of this file go through.
func methods() map[string]func(context.Context, core.Service) (any, error) {
	type m = func(context.Context, core.Service) (any, error)
	only := func(err error) (any, error) { return nil, err }
	page := apitest.Fill[core.Page]
	all := map[string]m{
		"Me":      func(ctx context.Context, s core.Service) (any, error) { return s.Me(ctx) },
		"Access":  func(ctx context.Context, s core.Service) (any, error) { return s.Access(ctx) },
		"Reasons": func(ctx context.Context, s core.Service) (any, error) { return s.Reasons(ctx) },
		"Assignments": func(ctx context.Context, s core.Service) (any, error) {
			return s.Assignments(ctx, apitest.Fill[core.AssignmentFilter](), page())
		},
		"CountAssignments": func(ctx context.Context, s core.Service) (any, error) {
			return s.CountAssignments(ctx, apitest.Fill[core.AssignmentFilter]())
		},
		"Roles": func(ctx context.Context, s core.Service) (any, error) {
			return s.Roles(ctx, apitest.Fill[core.RoleFilter](), page())
		},
		"RolePage":       func(ctx context.Context, s core.Service) (any, error) { return s.RolePage(ctx, "ro_a/b?c #d%2F..") },
		"ExportPolicies": func(ctx context.Context, s core.Service) (any, error) { return s.ExportPolicies(ctx) },
		"PlanPolicyFile": func(ctx context.Context, s core.Service) (any, error) {
			return s.PlanPolicyFile(ctx, "stint: policy\n", true)
		},
		"PlanPolicyEdit": func(ctx context.Context, s core.Service) (any, error) {
			return s.PlanPolicyEdit(ctx, apitest.Fill[core.PolicyEdit]())
		},
		"Policies": func(ctx context.Context, s core.Service) (any, error) { return s.Policies(ctx, core.DefaultLevel) },
		"People": func(ctx context.Context, s core.Service) (any, error) {
			return s.People(ctx, apitest.Fill[core.PersonFilter](), page())
		},
		"Approvers": func(ctx context.Context, s core.Service) (any, error) {
			return s.Approvers(ctx, apitest.Fill[core.ApproverFilter]())
		},
		"Groups": func(ctx context.Context, s core.Service) (any, error) {
			return s.Groups(ctx, apitest.Fill[core.GroupFilter](), page())
		},
		"GroupPage":  func(ctx context.Context, s core.Service) (any, error) { return s.GroupPage(ctx, "gp_ü") },
		"PersonPage": func(ctx context.Context, s core.Service) (any, error) { return s.PersonPage(ctx, "pe_ü") },
		"Drift":      func(ctx context.Context, s core.Service) (any, error) { return s.Drift(ctx, "sy_1") },
		"Systems":    func(ctx context.Context, s core.Service) (any, error) { return s.Systems(ctx) },
		"Requests": func(ctx context.Context, s core.Service) (any, error) {
			return s.Requests(ctx, apitest.Fill[core.RequestFilter](), page())
		},
		"Cases":    func(ctx context.Context, s core.Service) (any, error) { return s.Cases(ctx, page()) },
		"Case":     func(ctx context.Context, s core.Service) (any, error) { return s.Case(ctx, "re_a/b?c") },
		"Deputies": func(ctx context.Context, s core.Service) (any, error) { return s.Deputies(ctx) },
		"Entries": func(ctx context.Context, s core.Service) (any, error) {
			return s.Entries(ctx, apitest.Fill[core.EntryFilter](), page())
		},
		"Story":    func(ctx context.Context, s core.Service) (any, error) { return s.Story(ctx, "as_1") },
		"Settings": func(ctx context.Context, s core.Service) (any, error) { return s.Settings(ctx) },
		"Kinds":    func(ctx context.Context, s core.Service) (any, error) { return s.Kinds(ctx) },
		"Probe": func(ctx context.Context, s core.Service) (any, error) {
			return s.Probe(ctx, "sy_1", apitest.Fill[core.SystemSpec]())
		},
		"PreviewMail": func(ctx context.Context, s core.Service) (any, error) {
			return s.PreviewMail(ctx, apitest.Fill[core.MailSample]())
		},
		"SendTestMail": func(ctx context.Context, s core.Service) (any, error) {
			return only(s.SendTestMail(ctx, apitest.Fill[core.MailSettings](), core.NewSecret("hush-mail"), "a@example.org", apitest.Fill[core.MailSample]()))
		},
		"ExportAudit": func(ctx context.Context, s core.Service) (any, error) {
			return only(s.ExportAudit(ctx, apitest.Fill[core.EntryFilter](), core.ExportJSONL, io.Discard, nil))
		},
		"VerifyAudit": func(ctx context.Context, s core.Service) (any, error) {
			return s.VerifyAudit(ctx, apitest.Fill[core.Hash](), nil)
		},
		"Backup": func(ctx context.Context, s core.Service) (any, error) {
			return s.Backup(ctx, core.NewSecret("hush-phrase"), core.NewSecret("hush-123456"), io.Discard, nil)
		},
		"ChangePassword": func(ctx context.Context, s core.Service) (any, error) {
			return only(s.ChangePassword(ctx, core.NewSecret("hush-old"), core.NewSecret("hush-new")))
		},
		"BeginFactor": func(ctx context.Context, s core.Service) (any, error) {
			return s.BeginFactor(ctx, core.NewSecret("hush-123456"))
		},
		"ConfirmFactor": func(ctx context.Context, s core.Service) (any, error) {
			return s.ConfirmFactor(ctx, core.NewSecret("hush-123456"))
		},
		"RenewRecovery": func(ctx context.Context, s core.Service) (any, error) {
			return s.RenewRecovery(ctx, core.NewSecret("hush-123456"))
		},
		"Unlock": func(ctx context.Context, s core.Service) (any, error) {
			return only(s.Unlock(ctx, core.NewSecret("hush-pw")))
		},
		"SignOut": func(ctx context.Context, s core.Service) (any, error) { return only(s.SignOut(ctx)) },
		"Watch": func(ctx context.Context, s core.Service) (any, error) {
			updates, err := s.Watch(ctx)
			if err != nil {
				return nil, err
			}
			return <-updates, nil
		},
	}
	for _, c := range core.Public() {
		filled := apitest.FillLike(c)
		all["Do "+c.Verb()] = func(ctx context.Context, s core.Service) (any, error) {
			return s.Do(ctx, core.Call{Command: filled, Code: core.NewSecret("hush-654321"), Key: "key 1", Wait: 1500 * time.Millisecond})
		}
		all["Preview "+c.Verb()] = func(ctx context.Context, s core.Service) (any, error) { return s.Preview(ctx, filled) }
	}
	return all
}

// resumed returns the service of a client of rec, and rec itself ready.
func resumed(t *testing.T, rec *apitest.Recorder, log *slog.Logger) core.Service {
	t.Helper()
	svc, err := apitest.Over(t, rec, log).Resume(t.Context(), core.NewSecret("hush-bearer"))
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func TestEveryMethodIsTested(t *testing.T) {
	all := methods()
	iface := reflect.TypeFor[core.Service]()
	for i := range iface.NumMethod() {
		name := iface.Method(i).Name
		if _, ok := all[name]; !ok && name != "Do" && name != "Preview" {
			t.Errorf("%s is not", name)
		}
	}
}

// Every argument arrives and every answer comes back as in process.
func TestRoundTrip(t *testing.T) {
	rec := &apitest.Recorder{}
	svc := resumed(t, rec, nil)
	for name, call := range methods() {
		t.Run(name, func(t *testing.T) {
			direct := &apitest.Recorder{}
			want, err := call(t.Context(), direct)
			if err != nil {
				t.Fatal(err)
			}
			got, err := call(t.Context(), svc)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, same); d != "" {
				t.Errorf("answer (-in process +over HTTP)\n%s", d)
			}
			if d := cmp.Diff(direct.Last(), rec.Last(), same); d != "" {
				t.Errorf("arguments (-in process +over HTTP)\n%s", d)
			}
			if got := rec.Token().Reveal(); got != "hush-bearer" {
				t.Errorf("resumed with %q", got)
			}
		})
	}
}

// Every method returns every error as it was, but for its cause.
func TestEveryErrorComesBack(t *testing.T) {
	rec := &apitest.Recorder{}
	svc := resumed(t, rec, nil)
	for _, m := range api.Codes() {
		want := core.Errorf(m.Code, "scope", "duration.malformed", "value", "“x”\n")
		want.Err = errors.New("secret cause")
		rec.Err = want
		for name, call := range methods() {
			_, err := call(t.Context(), svc)
			var got *core.Error
			if !errors.As(err, &got) {
				t.Errorf("%s: %s became %v", name, m.Code, err)
				continue
			}
			if d := cmp.Diff(want, got, same); d != "" || got.Err != nil {
				t.Errorf("%s (-want +got)\n%s", name, d)
			}
		}
	}
	rec.Err = errors.New("no core error: password=hunter2")
	for name, call := range methods() {
		_, err := call(t.Context(), svc)
		if core.CodeOf(err) != core.Internal || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the server logs holds no secret that passed through it, at any level,
// whether calls succeed or fail.
func TestNoSecretInTheLog(t *testing.T) {
	var log safeBuffer
	rec := &apitest.Recorder{}
	svc := resumed(t, rec, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for _, err := range []error{nil, core.Errorf(core.Invalid, "password", "x"), core.Wrap(core.Internal, "x", errors.New("disk"))} {
		rec.Err = err
		for _, call := range methods() {
			_, _ = call(t.Context(), svc)
		}
	}
	text := log.String()
	if i := strings.Index(text, "hush"); i >= 0 {
		t.Errorf("…%s", text[max(0, i-200):min(len(text), i+50)])
	}
	if !strings.Contains(text, `"route":"POST /v1/commands/activate"`) || !strings.Contains(text, `"error":"x: disk"`) {
		t.Errorf("the log does not say what happened: %s", text[:min(len(text), 500)])
	}
}

func TestGateRoundTrip(t *testing.T) {
	rec := &apitest.Recorder{}
	gate := apitest.Over(t, rec, nil)
	state, err := gate.State(t.Context())
	if d := cmp.Diff(apitest.Fill[core.GateState](), state); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}

	person := apitest.Fill[core.FirstPerson]()
	a, err := gate.SetUp(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	person.From = api.FromCommandLine // the server's word, not the caller's
	if d := cmp.Diff(apitest.Recorded{Method: "SetUp", Args: []any{person}}, rec.Last(), same); d != "" {
		t.Error(d)
	}
	want := core.Admission{Token: core.NewSecret("hush-token"), Session: apitest.Fill[core.Session](), MustChangePassword: true, MustEnrol: true}
	if d := cmp.Diff(want, a, same, cmpopts.IgnoreFields(core.Admission{}, "Service")); d != "" {
		t.Error(d)
	}

	in := apitest.Fill[core.SignIn]()
	a, err = gate.SignIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.From = api.FromCommandLine
	if d := cmp.Diff(apitest.Recorded{Method: "SignIn", Args: []any{in}}, rec.Last(), same); d != "" {
		t.Error(d)
	}
	if _, err := a.Service.Me(t.Context()); err != nil || rec.Token().Reveal() != "hush-token" {
		t.Errorf("the service of an admission uses %q: %v", rec.Token().Reveal(), err)
	}

	for _, m := range api.Codes() {
		rec.Err = core.Errorf(m.Code, "login", "x", "a", "b")
		_, err := gate.SignIn(t.Context(), in)
		if d := cmp.Diff(rec.Err, err, same); d != "" {
			t.Error(d)
		}
	}
}

func TestResume(t *testing.T) {
	rec := &apitest.Recorder{ResumeErr: core.Errorf(core.Unauthenticated, "", "api.no_session")}
	gate := apitest.Over(t, rec, nil)
	for _, token := range []string{"", "hush", "a\nb", strings.Repeat("x", 600)} {
		if _, err := gate.Resume(t.Context(), core.NewSecret(token)); core.CodeOf(err) != core.Unauthenticated {
			t.Errorf("%.10q: %v", token, err)
		}
	}
}

func TestIdentifiersChangeNoPath(t *testing.T) {
	rec := &apitest.Recorder{}
	svc := resumed(t, rec, nil)
	for _, id := range []core.RoleID{"", ".", ".."} {
		rec.Last()
		if _, err := svc.RolePage(t.Context(), id); core.CodeOf(err) != core.NotFound {
			t.Errorf("%q: %v", id, err)
		}
		if got := rec.Last(); got.Method != "" {
			t.Errorf("%q reached %s", id, got.Method)
		}
	}
	for _, id := range []core.RoleID{"../me", "a/../b", "%2e%2e", "a b", "ü", "?x=1", "#", ";"} {
		if _, err := svc.RolePage(t.Context(), id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
		if d := cmp.Diff(apitest.Recorded{Method: "RolePage", Args: []any{id}}, rec.Last()); d != "" {
			t.Error(d)
		}
	}
}

func TestHeadersAreNotBroken(t *testing.T) {
	rec := &apitest.Recorder{}
	svc := resumed(t, rec, nil)
	for _, c := range []core.Call{
		{Command: core.EndSessions{}, Code: core.NewSecret("1\r\nX: y")},
		{Command: core.EndSessions{}, Key: "a\nb"},
		{Command: core.EndSessions{}, Key: strings.Repeat("k", 101)},
	} {
		rec.Last()
		if _, err := svc.Do(t.Context(), c); core.CodeOf(err) != core.Invalid {
			t.Errorf("got %v", err)
		}
		if got := rec.Last(); got.Method == "Do" {
			t.Error("it was done")
		}
	}
	for _, c := range []core.Command{core.SetUp{}, nil} {
		if _, err := svc.Do(t.Context(), core.Call{Command: c}); core.CodeOf(err) != core.NotFound {
			t.Errorf("%T: %v", c, err)
		}
		if _, err := svc.Preview(t.Context(), c); core.CodeOf(err) != core.NotFound {
			t.Errorf("%T: %v", c, err)
		}
	}
}

// safeBuffer may be written by the server while the test reads it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
