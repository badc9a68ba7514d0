package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
)

// connectLimit bounds one attempt to connect, within the caller's context.
const connectLimit = 4 * time.Second

// errNotLocal is why a connection that must stay on this machine was dropped.
var errNotLocal = errors.New("the address is not on this machine")

// config builds pgx's configuration. ParseConfig, which pgx insists on, takes
// defaults from the environment and from files of the account that runs Stint;
// so everything is set here again, and nothing of theirs survives. Neither the
// password nor any name passes through a connection string.
func (s settings) config(secret core.Secret) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig("host=127.0.0.1 port=5432 user=x dbname=x sslmode=disable passfile=/nonexistent target_session_attrs=any sslcertmode=disable")
	if err != nil {
		return nil, core.Wrap(core.Invalid, "connector.postgres.environment", errors.New("pgx refused its defaults")) // its own text may quote a password
	}
	c.Host, c.Port, c.Database, c.User, c.Password = s.host, s.port, s.database, s.user, secret.Reveal()
	c.Fallbacks, c.ValidateConnect, c.KerberosSrvName, c.KerberosSpn, c.RequireAuth = nil, nil, "", "", ""
	c.ConnectTimeout = connectLimit
	c.RuntimeParams = map[string]string{"application_name": "stint", "client_encoding": "UTF8"}
	// Statements are few and differ each time; planning them anew costs less
	// than a round trip to prepare them, and poolers can't trip over it.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	c.DialFunc = s.dial
	if c.TLSConfig, err = s.tls(); err != nil {
		return nil, err
	}
	return c, nil
}

// dial connects, and makes sure that an unprotected connection stays on this
// machine even if a name such as localhost leads elsewhere.
func (s settings) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: connectLimit, KeepAlive: 15 * time.Second}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil || (s.sslmode != require && s.sslmode != disable) {
		return conn, err
	}
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		_ = conn.Close()
		return nil, errNotLocal
	}
	return conn, nil
}

// tls returns the protection that sslmode asks for; nil is none, which a Unix
// socket doesn't need.
func (s settings) tls() (*tls.Config, error) {
	if s.socket() || s.sslmode == disable {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if s.caFile != "" {
		pem, err := s.authorities()
		if err != nil {
			return nil, err
		}
		// Only the authority named: else any public one could speak for the server.
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, core.Errorf(core.Invalid, "ca_file", "connector.file", "file", connector.Show(s.caFile))
		}
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.host, RootCAs: roots}
	switch s.sslmode {
	case verifyCA:
		c.InsecureSkipVerify = true //nolint:gosec // replaced by a check of the chain without the name, which is what verify-ca means
		c.VerifyConnection = func(state tls.ConnectionState) error {
			return verifyChain(state, roots)
		}
	case require:
		c.InsecureSkipVerify = true //nolint:gosec // parse and dial have made sure that the server is on this machine
	}
	return c, nil
}

func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the server showed no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}

// describe is the server as the evidence names it.
func (s settings) describe(version string) string {
	return fmt.Sprintf("server %s, PostgreSQL %s", strconv.QuoteToGraphic(s.server()), version)
}
