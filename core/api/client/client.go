// Package client is core.Gate and core.Service over HTTP: what the window and
// the command line use when the server is another process, on this machine or
// far away. Used in its place, it behaves as the engine itself does, down to
// the errors; apitest proves it.
//
// It repeats no request by itself (an idempotency key lets its user do so
// safely), keeps nothing, and logs nothing. Only Watch reconnects.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// Options say which server to talk to, and how.
type Options struct {
	// Server is unix:///path/to/socket, https://host[:port], or http:// to an
	// address of this machine. On systems without Unix sockets unix:// names
	// the file in which the server left its address and token.
	Server string
	// From is api.FromWindow or api.FromCommandLine.
	From string
	// CAFile is a PEM file of authorities to trust besides the system's.
	CAFile string
	// Within bounds an ordinary call; 0: 2 minutes. Streams have no bound.
	Within time.Duration
	// Connected, if not nil, is told by Watch when the connection is lost and
	// found again. It must not block.
	Connected func(bool)
	// Dial replaces connecting, for tests; Server then needs no listener.
	Dial func(context.Context) (net.Conn, error)
}

// Client is a core.Gate. It is safe for concurrent use.
type Client struct {
	o    Options
	base string // URL before the path
	http *http.Client
}

var _ core.Gate = (*Client)(nil)

// New returns a client. It does not connect: State shows whether anybody is there.
func New(o Options) (*Client, error) {
	if o.Within == 0 {
		o.Within = 2 * time.Minute
	}
	c := &Client{o: o}
	bad := core.Errorf(core.Invalid, "server", "api.server", "server", core.Clip(o.Server, 200))
	u, err := url.Parse(o.Server)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, bad
	}
	t := &http.Transport{
		MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 15 * time.Second,
		DisableCompression: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	switch u.Scheme {
	case "unix":
		if u.Host != "" || u.Path == "" {
			return nil, bad
		}
		c.base = "http://stint"
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dialLocal(ctx, dialer, u.Path) }
	case "https":
		if u.Host == "" {
			return nil, bad
		}
		t.Proxy = http.ProxyFromEnvironment
		t.DialContext = dialer.DialContext
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if o.CAFile != "" {
			if t.TLSClientConfig.RootCAs, err = authorities(o.CAFile); err != nil {
				return nil, err
			}
		}
		c.base = "https://" + u.Host + strings.TrimSuffix(u.Path, "/")
	case "http":
		if host := u.Hostname(); host != "localhost" && (net.ParseIP(host) == nil || !net.ParseIP(host).IsLoopback()) {
			return nil, core.Errorf(core.Refused, "server", "api.plain_http", "server", core.Clip(o.Server, 200))
		}
		t.DialContext = dialer.DialContext
		c.base = "http://" + u.Host + strings.TrimSuffix(u.Path, "/")
	default:
		return nil, bad
	}
	if o.Dial != nil {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return o.Dial(ctx) }
	}
	c.http = &http.Client{
		Transport: t,
		// Nothing of ours redirects; whoever does wants our token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, core.Wrap(core.Invalid, "api.certificate", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, core.Errorf(core.Invalid, "ca_file", "api.certificate")
	}
	return pool, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// maxAnswer bounds what a server can make us keep: 500 rows, each of them as
// large as a row can be, are far less.
const maxAnswer = 64 << 20

// call is one ordinary request.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	body         any // nil: none
	token        core.Secret
}

// do sends r and fills out, if not nil, with the answer.
func (c *Client) do(ctx context.Context, r call, out any) error {
	inner, cancel := context.WithTimeout(ctx, c.o.Within)
	defer cancel()
	res, err := c.send(inner, r)
	if err != nil {
		if ctx.Err() == nil && inner.Err() != nil {
			return core.Wrap(core.Unavailable, "api.timeout", err, "server", c.o.Server)
		}
		return err
	}
	defer res.Body.Close()
	if out == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // so that the connection can be used again
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		if ctx.Err() != nil {
			return canceled(ctx)
		}
		return core.Wrap(core.Unavailable, "api.broken", err)
	}
	return nil
}

// send sends r and returns an answer of success, whose body the caller closes.
// Any other answer becomes the error that the server had.
func (c *Client) send(ctx context.Context, r call) (*http.Response, error) {
	if ctx.Err() != nil {
		return nil, canceled(ctx)
	}
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, core.Wrap(core.Internal, "api.internal", err)
		}
		if len(b) > api.MaxBody {
			return nil, core.Errorf(core.Invalid, "", "api.too_large")
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, core.Wrap(core.Internal, "api.internal", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set(api.HeaderFrom, c.o.From)
	if !r.token.Empty() {
		req.Header.Set("Authorization", "Bearer "+r.token.Reveal())
	}
	for k, v := range r.header {
		if v != "" {
			req.Header.Set(k, v)
		}
	}
	if token := c.localToken(); !token.Empty() {
		req.Header.Set(api.HeaderLocal, token.Reveal())
	}
	res, err := c.http.Do(req)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, canceled(ctx)
	case err != nil:
		return nil, core.Wrap(core.Unavailable, "api.unreachable", bare(err), "server", core.Clip(c.o.Server, 200))
	case res.StatusCode < 300:
		return res, nil
	}
	defer res.Body.Close()
	return nil, problem(res)
}

// bare drops the URL that net/http puts around an error: its query may hold
// what somebody searched for.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func canceled(ctx context.Context) error {
	return core.Wrap(core.Canceled, "api.canceled", context.Cause(ctx))
}

// problem reads the error of an answer.
func problem(res *http.Response) error {
	var p api.Problem
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	err := json.NewDecoder(io.LimitReader(res.Body, api.MaxBody)).Decode(&p)
	if err != nil || kind != api.ProblemType || p.Code == "" {
		return core.Errorf(api.CodeOfStatus(res.StatusCode), "", "api.broken")
	}
	return p.Err()
}

// dialLocal connects to the server of this user: to its socket, or where the
// file at path is no socket, to the address it names.
func (c *Client) dialLocal(ctx context.Context, d *net.Dialer, path string) (net.Conn, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		l, err := api.ReadLocal(path)
		if err != nil {
			return nil, err
		}
		return d.DialContext(ctx, "tcp", l.Address)
	}
	return d.DialContext(ctx, "unix", path)
}

// localToken returns the token of a server that left one beside its address.
// It is read anew each time because a new server makes a new one.
func (c *Client) localToken() core.Secret {
	path, ok := strings.CutPrefix(c.o.Server, "unix://")
	if !ok {
		return core.Secret{}
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return core.Secret{}
	}
	l, err := api.ReadLocal(path)
	if err != nil {
		return core.Secret{}
	}
	return l.Token
}
