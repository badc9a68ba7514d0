package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// ExportAudit streams the file to w. An answer that breaks off is an error,
// never a file that looks whole.
func (r *remote) ExportAudit(ctx context.Context, f core.EntryFilter, format core.ExportFormat, w io.Writer, tell core.Progress) error {
	query := api.EntryValues(f)
	query.Set("format", string(format))
	res, err := r.c.send(ctx, call{
		method: http.MethodGet, path: api.PathExport, query: query, token: r.token, header: map[string]string{"TE": "trailers"},
	})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	total, _ := strconv.ParseInt(res.Header.Get(api.HeaderTotal), 10, 64) // 0: unknown
	records := &counter{w: w, csv: format == core.ExportCSV, total: total, tell: tell}
	_, err = io.CopyBuffer(records, res.Body, make([]byte, 128<<10))
	if records.err != nil {
		return records.err // the file's, not ours: a full disk
	}
	if err := ended(ctx, res, err); err != nil {
		return err
	}
	if tell != nil {
		tell(records.done(), max(total, records.done()))
	}
	return nil
}

// ended says whether a stream came to its end, and if not, why.
func ended(ctx context.Context, res *http.Response, err error) error {
	switch {
	case err != nil && ctx.Err() != nil:
		return canceled(ctx)
	case err != nil:
		return core.Wrap(core.Unavailable, "api.cut_off", err)
	}
	if text := res.Trailer.Get(api.TrailerProblem); text != "" {
		var p api.Problem
		if plain, err := strconv.Unquote(text); err != nil || json.Unmarshal([]byte(plain), &p) != nil {
			return core.Errorf(core.Unavailable, "", "api.broken")
		}
		return p.Err()
	}
	return nil
}

// counter counts the records that pass: lines, but in CSV not those within
// quotes, and not the line of the header.
type counter struct {
	w      io.Writer
	csv    bool
	quoted bool
	lines  int64
	total  int64
	tell   core.Progress // may be nil
	told   time.Time
	err    error // of w
}

func (c *counter) done() int64 {
	if c.csv {
		return max(c.lines-1, 0)
	}
	return c.lines
}

func (c *counter) Write(b []byte) (int, error) {
	for _, ch := range b {
		switch {
		case ch == '"' && c.csv:
			c.quoted = !c.quoted
		case ch == '\n' && !c.quoted:
			c.lines++
		}
	}
	if c.tell != nil && time.Since(c.told) >= 100*time.Millisecond {
		c.told = time.Now()
		c.tell(c.done(), c.total)
	}
	n, err := c.w.Write(b)
	c.err = err
	return n, err
}

// VerifyAudit has the server check the chain.
func (r *remote) VerifyAudit(ctx context.Context, kept core.Hash, tell core.Progress) (core.Verification, error) {
	q := url.Values{}
	if kept != (core.Hash{}) {
		q.Set("head", kept.String())
	}
	res, err := r.c.send(ctx, call{
		method: http.MethodPost, path: api.PathVerify, query: q, token: r.token, header: map[string]string{"Accept": "text/event-stream"},
	})
	if err != nil {
		return core.Verification{}, err
	}
	defer res.Body.Close()
	events := newEvents(res.Body)
	for {
		e, err := events.next()
		if err != nil {
			if ctx.Err() != nil {
				return core.Verification{}, canceled(ctx)
			}
			return core.Verification{}, core.Wrap(core.Unavailable, "api.cut_off", err)
		}
		switch e.name {
		case "progress":
			var p struct{ Done, Total int64 }
			if tell != nil && json.Unmarshal(e.data, &p) == nil {
				tell(p.Done, p.Total)
			}
		case "result":
			var v core.Verification
			if err := json.Unmarshal(e.data, &v); err != nil {
				return v, core.Wrap(core.Unavailable, "api.broken", err)
			}
			return v, nil
		case "problem":
			return core.Verification{}, e.problem()
		}
	}
}
