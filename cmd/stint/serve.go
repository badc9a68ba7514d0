package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api/server"
)

func (a *app) serveCommand() *cobra.Command {
	var listen []string
	var socket, cert, key string
	cmd := a.command("serve", "Be the server: for this user, or for a team", none, func(ctx context.Context, _ []string) error {
		if a.server != "" {
			return core.Errorf(core.Invalid, "server", "cli.serve_server")
		}
		conf, err := a.configured()
		if err != nil {
			return err
		}
		level := &slog.HandlerOptions{Level: conf.Level()}
		var handler slog.Handler = slog.NewTextHandler(a.Err, level)
		if a.json {
			handler = slog.NewJSONHandler(a.Err, level)
		}
		log := slog.New(handler)
		if socket == "" {
			socket = conf.Socket
		}
		if len(listen) == 0 && conf.Listen != "" {
			listen, cert, key = []string{conf.Listen}, conf.TLSCert, conf.TLSKey
		}
		// The socket first: it says most clearly that a server runs already.
		// What connects meanwhile waits.
		local, err := server.ListenSocket(ctx, socket)
		if err != nil {
			return err
		}
		listeners := []*server.Listener{local}
		closeAll := func() {
			for _, l := range listeners {
				_ = l.Close()
			}
		}
		for _, address := range listen {
			l, err := server.ListenTCP(ctx, address, cert, key)
			if err != nil {
				closeAll()
				return err
			}
			listeners = append(listeners, l)
			if cert == "" {
				log.Warn("listening without encryption, for programs of this machine alone", "address", l.Addr().String())
			}
		}
		gate, err := a.openAlone(ctx, log, true)
		if err != nil {
			closeAll()
			return err
		}
		for _, l := range listeners {
			log.Info("listening", "address", l.Addr().String())
		}
		fmt.Fprintln(a.Err, "stint: ready. Stop with Ctrl+C.")
		return server.Serve(ctx, server.Options{Gate: gate, Log: log, HTTPS: conf.HTTPS()}, listeners...)
	})
	cmd.Long = `Opens the store, keeps every promise about time, and answers on a Unix socket that only
this user can open. With --listen it also answers people on other machines, over TLS.
Without a certificate only an address of this machine is taken.

Approvers may answer in a browser, too. Mails lead there where the configuration says at
which address: public_url = "https://stint.example.org:8443" (or STINT_PUBLIC_URL).`
	cmd.Example = "  stint serve\n  stint serve --listen :8443 --tls-cert cert.pem --tls-key key.pem"
	f := cmd.Flags()
	f.StringArrayVar(&listen, "listen", nil, "host:port to answer on as well; may stand several times")
	f.StringVar(&socket, "socket", "", "path of the socket (default: the usual one of this user)")
	f.StringVar(&cert, "tls-cert", "", "PEM file of the certificate")
	f.StringVar(&key, "tls-key", "", "PEM file of its key")
	return cmd
}
