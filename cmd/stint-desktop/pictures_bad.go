package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/house"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/gui"
)

// badDays makes what goes wrong at a start for real where a machine allows it,
// in folders below home: taken is a database that is open. What it doesn't
// allow (a full disk) is the error that the store gives then.
func badDays(ctx context.Context, home, taken string) ([]gui.BadDay, error) {
	var bad []gui.BadDay
	open := func(name, path string) error {
		h, err := house.Open(ctx, house.Options{Path: path, Embedded: true, Version: version})
		if err == nil {
			return errors.Join(fmt.Errorf("%s: the store opened all the same", name), h.Close())
		}
		bad = append(bad, gui.BadDay{Name: name, Gate: closedGate{elsewhere(err, filepath.Dir(path))}})
		return nil
	}
	made := func(name string) (path string, err error) {
		path = filepath.Join(home, name, house.FileName)
		h, err := house.Open(ctx, house.Options{Path: path, Embedded: true, Version: version})
		if err != nil {
			return "", err
		}
		_, err = h.Gate.SetUp(ctx, core.FirstPerson{FullName: "Alice Miller", Login: "alice", Mail: "alice@example.com", Language: "en",
			Password: core.NewSecret("seven grey herons by the weir"), Organisation: "Example AG", From: "window"})
		return path, errors.Join(err, h.Close())
	}
	if err := open("bad-held", taken); err != nil {
		return nil, err
	}
	damaged, err := made("damaged")
	if err != nil {
		return nil, err
	}
	if err := damage(damaged); err != nil {
		return nil, err
	}
	if err := open("bad-damaged", damaged); err != nil {
		return nil, err
	}
	keyless, err := made("keyless")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(filepath.Dir(keyless), seal.KeyFile)); err != nil {
		return nil, err
	}
	if err := open("bad-key", keyless); err != nil {
		return nil, err
	}
	for name, key := range map[string]core.TextKey{"bad-disk-full-start": "storage.full", "bad-read-only": "storage.read_only", "bad-newer": "storage.newer"} {
		bad = append(bad, gui.BadDay{Name: name, Gate: closedGate{core.Errorf(core.Unavailable, "", key, "path", aliceHome+"/"+house.FileName)}})
	}
	now := time.Now()
	away := core.Trouble{Kind: core.TroubleSystem, Severity: core.SeverityWarn, Since: now.Add(-3 * time.Hour),
		Args: map[string]string{"system": "prod-db", "why": core.English("connector.refused")}}
	return append(bad,
		gui.BadDay{Name: "bad-stuck", Troubles: []core.Trouble{{Kind: core.TroubleStuck, Severity: core.SeverityBad, Since: now.Add(-4 * time.Minute),
			Args: map[string]string{"system": "orders-db", "n": "1", "role": "orders_admin", "person": "Bea Lindqvist", "why": core.English("connector.timeout")}}}},
		gui.BadDay{Name: "bad-system", Troubles: []core.Trouble{away}},
		gui.BadDay{Name: "bad-disk-full", Troubles: []core.Trouble{{Kind: core.TroubleDisk, Severity: core.SeverityWarn, Since: now.Add(-time.Minute)}}},
		gui.BadDay{Name: "bad-clock", Troubles: []core.Trouble{{Kind: core.TroubleClock, Severity: core.SeverityInfo, Since: now.Add(-10 * time.Minute), Args: map[string]string{"step": "1 h"}}}},
	), nil
}

// elsewhere lets an error about what lies in dir say that it is at Alice's.
func elsewhere(err error, dir string) error {
	var e *core.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Message = strings.ReplaceAll(e.Message, dir, aliceHome)
	at.Args = maps.Clone(e.Args)
	for k, v := range at.Args {
		at.Args[k] = strings.ReplaceAll(v, dir, aliceHome)
	}
	return &at
}

// damage writes over pages in the middle of a database.
func damage(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	junk := make([]byte, 8192)
	for i := range junk {
		junk[i] = byte(i * 7)
	}
	_, err = f.WriteAt(junk, 4096*3)
	return errors.Join(err, f.Close())
}
