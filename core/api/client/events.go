package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// event is one server-sent event, or a sign of life if it has no name.
type event struct {
	name string
	data []byte
}

// problem is the error that an event named problem carries.
func (e event) problem() error {
	var p api.Problem
	if json.Unmarshal(e.data, &p) != nil || p.Code == "" {
		return core.Errorf(core.Unavailable, "", "api.broken")
	}
	return p.Err()
}

// events reads server-sent events as our server writes them (WHATWG HTML,
// 9.2): one line of data each, at most 1 MiB.
type events struct{ lines *bufio.Scanner }

func newEvents(r io.Reader) *events {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), 1<<20)
	return &events{s}
}

// next returns the next event, or a comment as an event without name.
func (e *events) next() (event, error) {
	var ev event
	for e.lines.Scan() {
		line := e.lines.Bytes()
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0 && (ev.name != "" || ev.data != nil):
			return ev, nil
		case len(line) == 0:
		case len(field) == 0:
			return event{}, nil // a comment
		case string(field) == "event":
			ev.name = string(value)
		case string(field) == "data":
			ev.data = append([]byte{}, value...)
		}
	}
	if err := e.lines.Err(); err != nil {
		return event{}, err
	}
	return event{}, io.ErrUnexpectedEOF
}
