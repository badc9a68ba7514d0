package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/server"
)

// An address that tries to sign in again and again is held back before it
// costs anything; others are not, and after a while it may try again.
func TestSignInsAreHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := server.New(server.Options{Gate: &apitest.Recorder{}}, nil)
		try := func(from string) int {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, api.PathSessions, strings.NewReader(`{"login":"a","password":"b"}`))
			req.Header.Set("Content-Type", "application/json")
			req.RemoteAddr = from
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			return w.Code
		}
		many := func(n int, from func(int) string) (passed int) {
			for i := range n {
				if try(from(i)) == http.StatusCreated {
					passed++
				}
			}
			return passed
		}
		if n := many(200, func(i int) string { return fmt.Sprintf("192.0.2.7:%d", 1000+i) }); n != 60 {
			t.Errorf("%d of 200 tries passed, want 60", n)
		}
		if n := many(200, func(i int) string { return fmt.Sprintf("[2001:db8::%x]:1000", i) }); n != 60 {
			t.Errorf("%d of 200 tries of one network passed, want 60", n)
		}
		if got := try("192.0.2.7:9"); got != http.StatusServiceUnavailable {
			t.Errorf("one too many: %d", got)
		}
		if got := try("192.0.2.8:9"); got != http.StatusCreated {
			t.Errorf("another address: %d", got)
		}
		time.Sleep(20 * time.Second)
		if n := many(50, func(int) string { return "192.0.2.7:1" }); n != 10 {
			t.Errorf("after 20 seconds %d tries passed, want 10", n)
		}
		// Ever so many addresses leave nothing behind that grows for ever.
		if n := many(30_000, func(i int) string { return fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255) }); n != 30_000 {
			t.Errorf("%d of 30,000 addresses passed", n)
		}
	})
}
