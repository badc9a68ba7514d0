package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
)

// running is a server in memory that a test stops and starts.
type running struct {
	pipe *apitest.Pipe
	stop func() error
}

func start(o server.Options) *running {
	pipe := apitest.NewPipe()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, o, server.Local(pipe)) }()
	return &running{pipe, func() error { cancel(); return <-done }}
}

// raw asks over a connection of its own and returns the open answer.
func raw(t *testing.T, ctx context.Context, pipe *apitest.Pipe, path string, header ...string) *http.Response {
	t.Helper()
	tr := &http.Transport{DialContext: pipe.DialContext, DisableKeepAlives: true}
	req, err := http.NewRequestWithContext(ctx, "GET", "http://stint"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// What a reader of the stream sees: the first update, a sign of life every 15
// seconds far beyond every deadline of ordinary requests, then a change.
func TestChangesOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &apitest.Recorder{Updates: make(chan core.Update)}
		s := start(server.Options{Gate: rec})
		ctx, cancel := context.WithCancel(t.Context())
		res := raw(t, ctx, s.pipe, api.PathChanges, "Last-Event-ID", "3")
		if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("type %q", got)
		}
		read := func(want string) {
			t.Helper()
			b := make([]byte, len(want))
			if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != want {
				t.Errorf("got %q, %v, want %q", b, err, want)
			}
		}
		began := time.Now()
		read("id: 7\nevent: update\ndata: {\"seq\":7,\"topics\":null,\"notices\":null}\n\n")
		for range 40 {
			read(": alive\n\n")
		}
		if got := time.Since(began); got != 10*time.Minute {
			t.Errorf("40 signs of life in %v", got)
		}
		rec.Updates <- core.Update{Seq: 8, Topics: []core.Topic{core.TopicAccess}}
		read("id: 8\nevent: update\ndata: {\"seq\":8,\"topics\":[\"access\"],\"notices\":null}\n\n")
		rec.Fail(core.Errorf(core.Unauthenticated, "", "api.no_session")) // the session ends
		close(rec.Updates)
		rest, _ := io.ReadAll(res.Body)
		if !strings.Contains(string(rest), "event: problem") || !strings.Contains(string(rest), "unauthenticated") {
			t.Errorf("the end says %q", rest)
		}
		cancel()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStopEndsStreamsAndFinishesRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &apitest.Recorder{Hold: make(chan struct{})}
		s := start(server.Options{Gate: rec})
		stream := raw(t, t.Context(), s.pipe, api.PathChanges)
		answer := make(chan int)
		go func() {
			res := raw(t, t.Context(), s.pipe, api.PathMe)
			_, _ = io.Copy(io.Discard, res.Body)
			answer <- res.StatusCode
		}()
		synctest.Wait()
		stopped := make(chan error)
		go func() { stopped <- s.stop() }()
		_, _ = io.ReadAll(stream.Body) // ends
		time.Sleep(time.Second)        // the request still runs, on the bubble's clock
		close(rec.Hold)
		if got := <-answer; got != http.StatusOK {
			t.Errorf("a running request was cut: %d", got)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

func TestStopWaitsNoLongerThanGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &apitest.Recorder{Hold: make(chan struct{})}
		s := start(server.Options{Gate: rec, Grace: 3 * time.Second})
		c, err := client.New(client.Options{Server: "unix:///pipe", Dial: s.pipe.Dial})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { _, err := c.Resume(t.Context(), core.NewSecret("x")); ended <- err }()
		synctest.Wait()
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if got := time.Since(began); got < 3*time.Second || got > 4*time.Second {
			t.Errorf("stopped after %v", got)
		}
		if err := <-ended; core.CodeOf(err) != core.Unavailable {
			t.Errorf("the caller got %v", err)
		}
		close(rec.Hold)
		c.Close()
	})
}

func TestWatchReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &apitest.Recorder{Updates: make(chan core.Update)}
		s := start(server.Options{Gate: rec})
		var pipe atomic.Pointer[apitest.Pipe] // of the server that runs now
		pipe.Store(s.pipe)
		var state []bool
		c, err := client.New(client.Options{
			Server: "unix:///pipe", Connected: func(up bool) { state = append(state, up) },
			Dial: func(ctx context.Context) (net.Conn, error) { return pipe.Load().Dial(ctx) },
		})
		if err != nil {
			t.Fatal(err)
		}
		svc, err := c.Resume(t.Context(), core.NewSecret("x"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		updates, err := svc.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		first := core.Update{Seq: 7}
		if d := cmp.Diff(first, <-updates); d != "" {
			t.Error(d)
		}
		rec.Updates <- core.Update{Seq: 8, Topics: []core.Topic{core.TopicRoles}}
		if u := <-updates; u.Seq != 8 {
			t.Errorf("got %+v", u)
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute) // nobody there
		s = start(server.Options{Gate: rec})
		pipe.Store(s.pipe)
		began := time.Now()
		if d := cmp.Diff(first, <-updates); d != "" {
			t.Errorf("after the server is back: %s", d)
		}
		if got := time.Since(began); got > 16*time.Second {
			t.Errorf("found again after %v", got)
		}
		synctest.Wait()
		if d := cmp.Diff([]bool{true, false, true}, state); d != "" {
			t.Error(d)
		}
		rec.ResumeErr = core.Errorf(core.Unauthenticated, "", "api.no_session")
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		s = start(server.Options{Gate: rec})
		pipe.Store(s.pipe)
		for u := range updates {
			t.Errorf("after the session ended: %+v", u)
		}
		cancel()
		c.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestSlowReaderGetsOneUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &apitest.Recorder{Updates: make(chan core.Update)}
		s := start(server.Options{Gate: rec})
		c, err := client.New(client.Options{Server: "unix:///pipe", Dial: s.pipe.Dial})
		if err != nil {
			t.Fatal(err)
		}
		svc, err := c.Resume(t.Context(), core.NewSecret("x"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		updates, err := svc.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		<-updates
		for i := range 1000 {
			topic := core.TopicRoles
			if i%2 == 1 {
				topic = core.TopicAudit
			}
			rec.Updates <- core.Update{Seq: int64(10 + i), Topics: []core.Topic{topic}, Notices: []core.Notice{{Who: "a"}}}
		}
		synctest.Wait()
		u := <-updates
		if u.Seq != 1009 || len(u.Notices) != 200 {
			t.Errorf("seq %d, %d notices", u.Seq, len(u.Notices))
		}
		if d := cmp.Diff([]core.Topic{core.TopicRoles, core.TopicAudit}, u.Topics); d != "" {
			t.Error(d)
		}
		cancel()
		if _, open := <-updates; open {
			t.Error("the channel stays open")
		}
		c.Close()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestExport(t *testing.T) {
	rec := &apitest.Recorder{Export: "seq,note\r\n1,\"a\nb\"\r\n2,c\r\n"}
	svc := resume(t, rec)
	var file bytes.Buffer
	var done, total int64
	err := svc.ExportAudit(t.Context(), core.EntryFilter{Text: "x"}, core.ExportCSV, &file, func(d, n int64) { done, total = d, n })
	if err != nil || file.String() != rec.Export {
		t.Errorf("got %q, %v", &file, err)
	}
	if done != 2 || total != 2 {
		t.Errorf("told %d of %d", done, total)
	}
}

// An export that fails half-way is never taken for a whole one.
func TestExportFailsOnItsWay(t *testing.T) {
	want := core.Errorf(core.Unavailable, "", "duration.malformed", "value", "“x”")
	for _, written := range []string{"", "seq\r\n1\r\n", strings.Repeat("x", 1<<20)} {
		rec := &apitest.Recorder{Export: written, Err: nil}
		svc := resume(t, rec)
		rec.Err = want
		err := svc.ExportAudit(t.Context(), core.EntryFilter{}, core.ExportCSV, io.Discard, nil)
		var got *core.Error
		if !errors.As(err, &got) {
			t.Fatalf("got %v", err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d bytes written (-want +got)\n%s", len(written), d)
		}
	}
	// A reader that knows no trailers sees the connection break.
	rec := &apitest.Recorder{Export: "seq\r\n1\r\n", Err: want}
	rec.Export = strings.Repeat("seq\r\n1\r\n", 1<<16) // more than any buffer on the way
	res := raw(t, t.Context(), apitest.Serve(t, rec, nil), api.PathExport)
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half a file looks whole: %d bytes", len(b))
	}
}

func TestExportToAFullDisk(t *testing.T) {
	rec := &apitest.Recorder{Export: strings.Repeat("x", 1<<20)}
	if err := resume(t, rec).ExportAudit(t.Context(), core.EntryFilter{}, core.ExportCSV, full{}, nil); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestVerifyTellsProgress(t *testing.T) {
	var told [][2]int64
	v, err := resume(t, &apitest.Recorder{}).VerifyAudit(t.Context(), core.Hash{}, func(d, n int64) { told = append(told, [2]int64{d, n}) })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][2]int64{{1, 2}, {2, 2}}, told); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(apitest.Fill[core.Verification](), v); d != "" {
		t.Error(d)
	}
	// Asked plainly it answers plainly.
	_, text := ask(t, &apitest.Recorder{}, "POST", api.PathVerify, "")
	if !strings.HasPrefix(text, `{"count":`) {
		t.Errorf("got %s", text)
	}
}

func TestCanceledCall(t *testing.T) {
	rec := &apitest.Recorder{}
	svc := resume(t, rec)
	ctx, cancel := context.WithCancel(t.Context())
	rec.Hold = make(chan struct{})
	go cancel()
	if _, err := svc.Me(ctx); core.CodeOf(err) != core.Canceled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := svc.Me(ctx); core.CodeOf(err) != core.Canceled {
		t.Errorf("already canceled: %v", err)
	}
	if _, err := svc.Watch(ctx); core.CodeOf(err) != core.Canceled {
		t.Errorf("watch: %v", err)
	}
}

func resume(t *testing.T, rec *apitest.Recorder) core.Service {
	t.Helper()
	svc, err := apitest.Over(t, rec, nil).Resume(t.Context(), core.NewSecret("x"))
	if err != nil {
		t.Fatal(err)
	}
	return svc
}
