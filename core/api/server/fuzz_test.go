package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/server"
)

// FuzzRequests sends what anybody on the network may send to every route: any
// body, query, code and session. Nothing makes the server panic, and each
// refusal is a problem that repeats nothing of a body.
func FuzzRequests(f *testing.F) {
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	text, err := json.Marshal(server.Document())
	if err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		f.Fatal(err)
	}
	type route struct{ method, path string }
	var routes []route
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			routes = append(routes, route{strings.ToUpper(method), path})
		}
	}
	stopped := make(chan struct{})
	close(stopped) // streams end at once
	handler := server.New(server.Options{Gate: &apitest.Recorder{}}, stopped)
	for i := range routes {
		f.Add(uint16(i), "id", "limit=5&after=x&state=in_force&from=2026-01-01T00:00:00Z", "123456", `{"login":"a","password":"b"}`)
	}
	f.Add(uint16(0), "../x", "limit=-1&text=%zz&ends_before=1", "\x00", `{"items":[{"assignment":1e999}],"duration":"P1Y","settings":{"a":"b"}}`)
	f.Add(uint16(7), "%2f", "=&&;", "", strings.Repeat(`{"a":[`, 2000))
	f.Fuzz(func(t *testing.T, n uint16, id, query, code, body string) {
		to := routes[int(n)%len(routes)]
		path := to.path
		if i := strings.IndexByte(path, '{'); i >= 0 {
			path = path[:i] + url.PathEscape(id)
		}
		r := httptest.NewRequest(to.method, "/", strings.NewReader(body))
		u, err := url.Parse("http://stint" + path)
		if err != nil {
			return
		}
		r.URL, r.RequestURI = u, path
		r.URL.RawQuery = query
		r.Header.Set("Authorization", "Bearer "+id)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(api.HeaderCode, code)
		r.Header.Set(api.HeaderKey, code)
		w := httptest.NewRecorder()
		defer func() {
			// A stream that breaks off on purpose (http.ErrAbortHandler).
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				panic(v)
			}
		}()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s %s: %d %s", to.method, path, w.Code, w.Body)
		}
		if w.Code < 400 {
			return
		}
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil && w.Body.Len() > 0 && strings.HasPrefix(w.Header().Get("Content-Type"), api.ProblemType) {
			t.Fatalf("%s %s: no problem: %v %s", to.method, path, err, w.Body)
		}
		if p.Code == core.Internal {
			t.Fatalf("%s %s: %s", to.method, path, w.Body)
		}
	})
}
