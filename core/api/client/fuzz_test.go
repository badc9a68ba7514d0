package client_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/client"
)

// FuzzAnswers lets a server answer anything: lists, streams of events, files
// with trailers, problems. The client neither panics nor hangs, and takes
// nothing that breaks off for something whole.
func FuzzAnswers(f *testing.F) {
	f.Add(uint8(0), 200, "application/json", `{"items":[],"next":"x"}`, "")
	f.Add(uint8(1), 200, "text/event-stream", "id: 7\nevent: update\ndata: {\"seq\":7}\n\n: alive\n\nevent: problem\ndata: {\"code\":\"unauthenticated\"}\n\n", "")
	f.Add(uint8(2), 200, "text/csv", "seq\r\n1\r\n", `"{\"code\":\"unavailable\"}"`)
	f.Add(uint8(3), 200, "text/event-stream", "event: progress\ndata: {\"done\":1}\n\nevent: result\ndata: {}\n\n", "")
	f.Add(uint8(4), 401, api.ProblemType, `{"code":"unauthenticated","detail":"\u001b[31m"}`, "")
	f.Add(uint8(1), 500, "", "data:\xff\n\n\n\nevent\n:\n", "\x00")
	f.Fuzz(func(t *testing.T, call uint8, status int, kind, body, trailer string) {
		if status < 200 || status > 599 {
			status = 200
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		c, err := client.New(client.Options{Server: "unix:///pipe", Dial: func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go answer(theirs, status, kind, body, trailer)
			return ours, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if call%5 == 4 {
			_, err = c.SignIn(ctx, core.SignIn{Login: "a"})
		} else {
			svc, resumed := c.Resume(ctx, core.NewSecret("x"))
			if resumed != nil {
				err = resumed
			} else {
				err = use(ctx, svc, call)
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("hangs on %d %q %q", status, kind, body)
		}
		if err != nil && core.CodeOf(err) == "" {
			t.Fatalf("not an error for people: %v", err)
		}
	})
}

func use(ctx context.Context, svc core.Service, call uint8) error {
	switch call % 5 {
	case 0:
		_, err := svc.Assignments(ctx, core.AssignmentFilter{}, core.Page{})
		return err
	case 1:
		ctx, cancel := context.WithCancel(ctx)
		updates, err := svc.Watch(ctx)
		if err == nil {
			select {
			case <-updates:
			case <-time.After(10 * time.Millisecond): // it would connect again
			}
		}
		cancel()
		if err == nil {
			for range updates {
			}
		}
		return err
	case 2:
		return svc.ExportAudit(ctx, core.EntryFilter{}, core.ExportCSV, io.Discard, nil)
	default:
		_, err := svc.VerifyAudit(ctx, core.Hash{}, func(int64, int64) {})
		return err
	}
}

// answer gives the same answer to each request of a connection. The first, by
// which a session is resumed, is answered well, so that the rest is reached.
func answer(c net.Conn, status int, kind, body, trailer string) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if req.URL.Path == api.PathMe {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
			continue
		}
		head := http.Header{}
		head.Set("Content-Type", kind)
		res := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: head, ContentLength: -1, TransferEncoding: []string{"chunked"}, Trailer: http.Header{api.TrailerProblem: {trailer}}}
		res.Body = io.NopCloser(strings.NewReader(body))
		if res.Write(c) != nil {
			return
		}
	}
}
