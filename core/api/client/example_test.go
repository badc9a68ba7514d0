package client_test

import (
	"context"
	"fmt"

	"github.com/stint-pim/stint/core/api"
	"github.com/stint-pim/stint/core/api/apitest"
	"github.com/stint-pim/stint/core/api/client"
	"github.com/stint-pim/stint/core/api/server"
)

// A server and a client of it, here connected in memory. A real program takes
// server.ListenSocket and leaves Dial away.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	pipe := apitest.NewPipe()
	done := make(chan error)
	go func() { done <- server.Serve(ctx, server.Options{Gate: &apitest.Recorder{}}, server.Local(pipe)) }()

	c, err := client.New(client.Options{Server: "unix:///run/user/1000/stint/stint.sock", From: api.FromWindow, Dial: pipe.Dial})
	if err != nil {
		fmt.Println(err)
		return
	}
	state, err := c.State(ctx)
	fmt.Println(state.Embedded, err)
	c.Close()
	stop()
	fmt.Println(<-done)
	// Output:
	// true <nil>
	// <nil>
}
