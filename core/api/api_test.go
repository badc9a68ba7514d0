package api_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
)

func TestCodesAreFixedForEver(t *testing.T) {
	want := []api.Meaning{
		{"invalid", 400, 2}, {"unauthenticated", 401, 3}, {"proof_required", 401, 4}, {"forbidden", 403, 5}, {"not_found", 404, 6},
		{"conflict", 409, 7}, {"refused", 422, 8}, {"locked", 423, 9}, {"unavailable", 503, 10}, {"canceled", 499, 11}, {"internal", 500, 1},
	}
	if d := cmp.Diff(want, api.Codes()); d != "" {
		t.Errorf("scripts rely on these (-want +got)\n%s", d)
	}
}

func TestExit(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{fs.ErrNotExist, 1},
		{core.Errorf(core.Refused, "", "x"), 8},
		{core.Wrap(core.Locked, "x", fs.ErrNotExist), 9},
	} {
		if got := api.Exit(c.err); got != c.want {
			t.Errorf("Exit(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

func TestProblemRoundTrip(t *testing.T) {
	for _, m := range api.Codes() {
		e := core.Errorf(m.Code, "items[0].scope", "duration.malformed", "value", "x\n“ü”")
		e.Err = errors.New("dial tcp: password=hunter2")
		b, err := json.Marshal(api.ProblemOf(e))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "hunter2") {
			t.Errorf("the cause left the server: %s", b)
		}
		var p api.Problem
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		e.Err = nil
		if d := cmp.Diff(e, p.Err()); d != "" || p.Status != m.Status {
			t.Errorf("%s, status %d (-want +got)\n%s", m.Code, p.Status, d)
		}
	}
	if p := api.ProblemOf(errors.New("password=hunter2")); p.Code != core.Internal || strings.Contains(p.Message, "hunter2") {
		t.Errorf("an unknown error: %+v", p)
	}
}

// An Error stands inside results and access rows, too.
func TestErrorInsideResultsKeepsItsCause(t *testing.T) {
	b, err := json.Marshal(core.ItemResult{Err: core.Wrap(core.Refused, "x", errors.New("hunter2"))})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") || !strings.Contains(string(b), `"code":"refused"`) {
		t.Errorf("got %s", b)
	}
}

// holdsSecret reports the path of a core.Secret inside a type, or "".
func holdsSecret(t reflect.Type, seen map[reflect.Type]bool) string {
	if t == reflect.TypeFor[core.Secret]() {
		return t.Name()
	}
	if seen[t] {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		return holdsSecret(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Tag.Get("json") == "-" || !f.IsExported() {
				continue
			}
			if p := holdsSecret(f.Type, seen); p != "" {
				return f.Name + "." + p
			}
		}
	}
	return ""
}

// What a client sends holds no core.Secret, which would go out as "(secret)".
func TestNothingOnTheWireIsVeiled(t *testing.T) {
	wires := map[string]any{
		"probe": api.WireProbe(apitest.Fill[core.SystemID](), apitest.Fill[core.SystemSpec]()),
		"mail":  api.WireMailTest(apitest.Fill[core.MailSettings](), core.NewSecret("hush-1"), "a@example.org", apitest.Fill[core.MailSample]()),
	}
	for _, c := range core.Public() {
		wires[c.Verb()] = api.Wire(apitest.FillLike(c))
	}
	for name, w := range wires {
		if p := holdsSecret(reflect.TypeOf(w), map[reflect.Type]bool{}); p != "" {
			t.Errorf("%s sends %s", name, p)
		}
		b, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "(secret)") {
			t.Errorf("%s: %s", name, b)
		}
	}
	for _, name := range []string{"add-system", "update-system", "change-settings", "probe", "mail"} {
		if b, _ := json.Marshal(wires[name]); !strings.Contains(string(b), "hush-") {
			t.Errorf("%s lost its secret: %s", name, b)
		}
	}
}

// What a service returns holds no core.Secret but where the API has a type of
// its own for it, so that none is lost or shown by accident.
func TestAnswersThatHoldSecretsAreKnown(t *testing.T) {
	known := map[string]bool{"BeginFactor": true, "SetUp": true, "SignIn": true}
	for _, iface := range []reflect.Type{reflect.TypeFor[core.Service](), reflect.TypeFor[core.Gate]()} {
		for i := range iface.NumMethod() {
			m := iface.Method(i)
			for k := range m.Type.NumOut() {
				if p := holdsSecret(m.Type.Out(k), map[reflect.Type]bool{}); p != "" && !known[m.Name] {
					t.Errorf("%s returns %s", m.Name, p)
				}
			}
		}
	}
}

func TestLocalFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "local")
	if _, err := api.ReadLocal(path); core.CodeOf(err) != core.NotFound {
		t.Errorf("no file: %v", err)
	}
	if err := api.WriteLocal(path, "127.0.0.1:1", core.NewSecret("hush")); err != nil {
		t.Fatal(err)
	}
	got, err := api.ReadLocal(path)
	if err != nil || got.Address != "127.0.0.1:1" || got.Token.Reveal() != "hush" {
		t.Errorf("got %+v, %v", got, err)
	}
	if runtime.GOOS != "windows" {
		info, err := filepath.Glob(path + "*")
		if err != nil || len(info) != 1 {
			t.Errorf("left behind: %v %v", info, err)
		}
	}
}
