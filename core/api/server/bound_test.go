package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/server"
)

// F27: whoever sends slowly, much or without end is cut off, and costs a
// bounded time and memory until then.
func TestF27RequestsAreBounded(t *testing.T) {
	head := "POST " + api.PathSessions + " HTTP/1.1\r\nHost: stint\r\nContent-Type: application/json\r\n"
	for _, c := range []struct {
		what  string
		first string        // sent at once
		drip  string        // then sent every second
		ends  time.Duration // the connection is closed by then
		says  string        // what is answered before, if anything
	}{
		{"a header that never ends", "GET / HTTP/1.1\r\nX-Slow: ", "a", 12 * time.Second, ""},
		{"nothing at all", "", "", 12 * time.Second, ""},
		{"a body that never ends", head + "Content-Length: 1000\r\n\r\n{", " ", 35 * time.Second, ""},
		{"a header of 64 KiB", head + "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", "", 12 * time.Second, " 431 "},
		{"a body of 2 MiB, announced", head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 2<<20), "", 12 * time.Second, " 400 "},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(server.Options{Gate: &apitest.Recorder{}})
			conn, err := s.pipe.Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			var wg sync.WaitGroup
			wg.Go(func() {
				defer conn.Close() // in the end, if the server doesn't
				if _, err := io.WriteString(conn, c.first); err != nil {
					return
				}
				for range 120 {
					time.Sleep(time.Second)
					if _, err := io.WriteString(conn, c.drip); err != nil {
						return
					}
				}
			})
			line, _ := bufio.NewReader(conn).ReadString('\n')
			if !strings.Contains(line, c.says) {
				t.Errorf("%s: answered %q", c.what, line)
			}
			if took := time.Since(began); took > c.ends {
				t.Errorf("%s: cut off after %v, want %v", c.what, took, c.ends)
			}
			_ = conn.Close()
			wg.Wait()
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A body of nothing but brackets is refused, whichever route it is sent to.
func TestF27DeepBodies(t *testing.T) {
	h := server.New(server.Options{Gate: &apitest.Recorder{}}, nil)
	for _, open := range []string{"[", `{"a":`, `{"items":[`} {
		body := strings.Repeat(open, (api.MaxBody-100)/len(open))
		for _, path := range []string{api.PathSessions, api.PathCommands + "activate", api.PathProbes} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer x")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest && w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s of %q: %d %s", path, open, w.Code, w.Body)
			}
		}
	}
}
