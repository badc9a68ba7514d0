package sqlite_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage/sqlite"
)

// acker is a process that adds people to a store, one durable transaction each,
// and says of each that it is there, as an answer on a wire does.
type acker struct {
	Path string
	N    int // people to add; it goes on until it is killed where N is negative
	Note int // every so many people it notes the time, as an engine does each minute
}

const ackerEnv = "STINT_TEST_ACKER"

func TestMain(m *testing.M) {
	text := os.Getenv(ackerEnv)
	if text == "" {
		os.Exit(m.Run())
	}
	var a acker
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		panic(err)
	}
	a.live()
}

// stubborn is how often it tries again after a failure.
const stubborn = 20

func (a acker) live() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, a.Path, sqlite.Options{DropDeliveries: true})
	if err != nil {
		fmt.Println("err", key(err))
		os.Exit(1)
	}
	first := 0
	if err := db.Read(ctx, func(v core.View) error { first = v.People(); return v.Err() }); err != nil {
		panic(err)
	}
	fmt.Println("open")
	failed := 0
	for i := first; i != first+a.N && failed < stubborn; {
		err := addPerson(db, name(i))
		if err == nil {
			fmt.Println("ack", i)
			i++
		}
		if err == nil && a.Note > 0 && i%a.Note == 0 {
			err = db.NoteTime(ctx, time.Now())
		}
		if err != nil {
			failed++
			fmt.Println("err", key(err))
		}
	}
	if t, ok := db.Trouble(); ok {
		fmt.Println("trouble", t.Kind)
	}
	os.Exit(0) // without closing: what counts is what was answered
}

func name(i int) core.PersonID { return core.PersonID("pe_" + strconv.Itoa(i)) }

func key(err error) core.TextKey {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return core.TextKey(err.Error())
}

// command returns the process, behind the words of another program if any.
func (a acker) command(ctx context.Context, before ...string) *exec.Cmd {
	text, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	words := append(before, os.Args[0], "-test.run=^$")
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), ackerEnv+"="+string(text))
	return cmd
}

// saying is what an acker said.
type saying struct {
	acked   int // the first that was not acknowledged
	some    bool
	errs    []core.TextKey
	late    bool // something was acknowledged after a failure
	trouble core.TroubleKind
	open    bool
}

func (s *saying) hear(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "open":
		s.open = true
	case "ack":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return // the line was cut by the kill
		}
		s.acked, s.some = n+1, true
		s.late = s.late || len(s.errs) > 0
	case "err":
		s.errs = append(s.errs, core.TextKey(rest))
	case "trouble":
		s.trouble = core.TroubleKind(rest)
	}
}

func listen(r io.Reader) (s saying) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		s.hear(lines.Text())
	}
	return s
}

// keeps opens the file as the program does and says what is wrong with it: it
// can't be opened, its chain is broken, or an acknowledged person isn't there.
func keeps(path string, acked int) (people int, err error) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, sqlite.Options{DropDeliveries: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Read(ctx, func(v core.View) error {
		people = v.People()
		for i := range acked {
			if _, ok := v.Person(name(i)); !ok && v.Err() == nil {
				return fmt.Errorf("%s was acknowledged and is not there; %d of %d are", name(i), people, acked)
			}
		}
		return v.Err()
	})
	if err != nil {
		return people, err
	}
	var v core.Verifier
	err = db.EachEntry(ctx, core.EntryFilter{}, func(e *core.Entry) error {
		if b := v.Check(e); b != nil {
			return fmt.Errorf("entry %d: %s", b.Seq, b.Reason)
		}
		return nil
	})
	if err == nil && int(v.Count) != people {
		err = fmt.Errorf("%d entries tell of %d people", v.Count, people)
	}
	return people, err
}
