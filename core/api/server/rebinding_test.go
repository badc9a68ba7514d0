package server_test

import (
	"net/http"
	"testing"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/server"
)

// A web page whose name was made to mean this machine is not taken for a
// program of it, though its requests name one and the same place as their
// origin and their host.
func TestRebinding(t *testing.T) {
	l, err := server.ListenTCP(t.Context(), "127.0.0.1:0", "", "")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l)
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost": http.StatusOK, "[::1]:8443": http.StatusOK,
		"evil.example:8443": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden, "localhost.evil.example": http.StatusForbidden,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+api.PathGate, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
			req.Header.Set("Origin", "http://"+host)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("host %q: %d, want %d", host, res.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
