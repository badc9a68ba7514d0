package server_test

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/server"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ask sends one raw request to a handler whose peers are remote.
func ask(t *testing.T, rec *apitest.Recorder, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer hush-bearer")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	server.New(server.Options{Gate: rec}, nil).ServeHTTP(w, r)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func TestDocument(t *testing.T) {
	got, err := json.MarshalIndent(server.Document(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "../openapi.json"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("the API changed; if on purpose, run with -update (-want +got)\n%s", d)
	}
	_, served := ask(t, &apitest.Recorder{}, "GET", api.PathDocument, "")
	if served != string(got) {
		t.Error("another document is served")
	}
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Security []any `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(got, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	for _, c := range core.Public() {
		for _, p := range []string{api.PathCommands, api.PathPreviews} {
			if _, ok := doc.Paths[p+c.Verb()]["post"]; !ok {
				t.Errorf("no %s%s", p, c.Verb())
			}
		}
	}
	anyone := map[string]bool{api.PathGate: true, api.PathSetUp: true, "post " + api.PathSessions: true}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if len(op.Security) == 0 && !anyone[path] && !anyone[method+" "+path] {
				t.Errorf("%s %s is open to anyone", method, path)
			}
		}
	}
}

// No answer to a bad request repeats anything that was submitted.
func TestBadRequestsEchoNothing(t *testing.T) {
	const secret = "hunter2"
	for name, c := range map[string]struct {
		path, body string
		field      string
		header     []string
	}{
		"no JSON":       {api.PathSessions, `{"login":"a","password":"` + secret, "", nil},
		"a string":      {api.PathSessions, `"` + secret + `"`, "", nil},
		"wrong type":    {api.PathSessions, `{"login":"a","password":["` + secret + `"]}`, "password", nil},
		"a number":      {api.PathSessions, `{"login":"a","password":12345678901234567890}`, "password", nil},
		"unknown field": {api.PathSessions, `{"login":"a","password":"x","` + secret + `":"` + secret + `"}`, "", nil},
		"missing":       {api.PathSessions, `{"password":"` + secret + `"}`, "login", nil},
		"no body":       {api.PathSessions, ``, "", nil},
		"other case":    {api.PathSessions, `{"Login":"a","password":"` + secret + `"}`, "login", nil},
		"trailing":      {api.PathSessions, `{"login":"a","password":"x"} ` + secret, "", nil},
		"inside":        {api.PathCommands + "add-system", `{"name":"n","kind":"k","settings":{"a":{"b":"` + secret + `"}},"secret":"` + secret + `","roles":[]}`, "settings.a", nil},
		"inside a list": {api.PathCommands + "activate", `{"items":[{"assignment":{"` + secret + `":1}}],"duration":"1h","justification":"x"}`, "items[0].assignment", nil},
		"duration":      {api.PathCommands + "activate", `{"items":[],"duration":{"x":"` + secret + `"},"justification":"x"}`, "duration", nil},
		"time":          {api.PathCommands + "activate", `{"items":[],"duration":"1h","justification":"x","start":"` + secret + `"}`, "start", nil},
		"code too long": {api.PathCommands + "end-sessions", `{"person":"p"}`, "Stint-Code", []string{api.HeaderCode, secret + strings.Repeat("1", 200)}},
		"no JSON type":  {api.PathCommands + "end-sessions", `{"person":"` + secret + `"}`, "", []string{"Content-Type", "text/plain"}},
		"query":         {api.PathUnlock + "?" + secret + "=" + secret, `{"password":"x"}`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &apitest.Recorder{}
			res, text := ask(t, rec, "POST", c.path, c.body, c.header...)
			if strings.Contains(text, secret) || strings.Contains(text, "1234567890") {
				t.Errorf("echoed: %s", text)
			}
			var p api.Problem
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if res.StatusCode != 400 || p.Code != core.Invalid || p.Field != c.field || res.Header.Get("Content-Type") != api.ProblemType {
				t.Errorf("got %d %+v, want the field %q", res.StatusCode, p, c.field)
			}
			if got := rec.Last(); got.Method != "" {
				t.Errorf("it reached %s", got.Method)
			}
		})
	}
}

func TestRefusedBeforeAnything(t *testing.T) {
	big := `{"login":"a","password":"` + strings.Repeat("x", api.MaxBody) + `"}`
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		want               core.Code
	}{
		"unknown path":    {"GET", "/v1/nothing", "", nil, core.NotFound},
		"root":            {"GET", "/", "", nil, core.NotFound},
		"other method":    {"PUT", api.PathMe, "", nil, core.NotFound},
		"docs":            {"GET", "/docs", "", nil, core.NotFound},
		"no session":      {"GET", api.PathMe, "", []string{"Authorization", ""}, core.Unauthenticated},
		"basic":           {"GET", api.PathMe, "", []string{"Authorization", "Basic aHVzaA=="}, core.Unauthenticated},
		"long token":      {"GET", api.PathMe, "", []string{"Authorization", "Bearer " + strings.Repeat("x", 501)}, core.Unauthenticated},
		"too large":       {"POST", api.PathSessions, big, nil, core.Invalid},
		"another site":    {"POST", api.PathSessions, `{"login":"a","password":"b"}`, []string{"Origin", "https://evil.example"}, core.Forbidden},
		"another site 2":  {"POST", api.PathSessions, `{"login":"a","password":"b"}`, []string{"Sec-Fetch-Site", "cross-site"}, core.Forbidden},
		"set-up from far": {"POST", api.PathSetUp, `{"name":"a","login":"a","mail":"","password":"b"}`, nil, core.Forbidden},
		"internal verb":   {"POST", api.PathCommands + "set-up", `{}`, nil, core.NotFound},
		"page too large":  {"GET", api.PathRoles + "?limit=501", "", nil, core.Invalid},
		"bad boolean":     {"GET", api.PathPeople + "?disabled=perhaps", "", nil, core.Invalid},
		"export format":   {"GET", api.PathExport + "?format=xls", "", nil, core.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			rec := &apitest.Recorder{}
			res, text := ask(t, rec, c.method, c.path, c.body, c.header...)
			var p api.Problem
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if p.Code != c.want || p.Status != res.StatusCode || p.Request == "" || p.Request != res.Header.Get(api.HeaderRequest) {
				t.Errorf("got %d %+v, want %s", res.StatusCode, p, c.want)
			}
			if got := rec.Last(); got.Method != "" {
				t.Errorf("it reached %s", got.Method)
			}
		})
	}
}

// A body of unknown length is cut at the limit as well.
func TestChunkedBodyIsBounded(t *testing.T) {
	rec := &apitest.Recorder{}
	r := httptest.NewRequest("POST", api.PathSessions, io.MultiReader(strings.NewReader(`{"login":"`), strings.NewReader(strings.Repeat("x", 3*api.MaxBody))))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	server.New(server.Options{Gate: rec}, nil).ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "api.too_large") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestFromIsTheServersWord(t *testing.T) {
	pipe := apitest.NewPipe()
	for _, c := range []struct {
		listener *server.Listener
		claim    string
		want     string
	}{
		{server.Local(pipe), api.FromWindow, "window"},
		{server.Local(pipe), api.FromCommandLine, "command line"},
		{server.Local(pipe), "10.0.0.1", "socket"},
		{server.Local(pipe), "", "socket"},
		{server.Remote(nil), "window", "127.0.0.1"},
	} {
		rec := &apitest.Recorder{}
		ctx, cancel := context.WithCancel(t.Context())
		l := c.listener
		address := "pipe"
		dial := pipe.Dial
		if l.Listener == nil {
			tcp, err := server.ListenTCP(ctx, "127.0.0.1:0", "", "")
			if err != nil {
				t.Fatal(err)
			}
			l, address = tcp, tcp.Addr().String()
			dial = func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }
		} else {
			pipe = apitest.NewPipe()
			l, dial = server.Local(pipe), pipe.Dial
		}
		done := make(chan error)
		go func() { done <- server.Serve(ctx, server.Options{Gate: rec}, l) }()
		tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}
		req, _ := http.NewRequestWithContext(ctx, "POST", "http://"+address+api.PathSessions, strings.NewReader(`{"login":"a","password":"b"}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set(api.HeaderFrom, c.claim)
		req.Header.Set("X-Forwarded-For", "10.9.9.9")
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		tr.CloseIdleConnections()
		if got := rec.Last().Args[0].(core.SignIn).From; got != c.want {
			t.Errorf("claimed %q: got %q, want %q", c.claim, got, c.want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestPanicIsAnswered(t *testing.T) {
	h := server.New(server.Options{}, nil) // no gate: a nil pointer inside
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", api.PathGate, nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"code":"internal"`) || strings.Contains(w.Body.String(), "nil pointer") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
