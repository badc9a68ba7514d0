package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/reconcile"
)

// process is one run of Stint's server: engine, due loop and reconciler on the
// store. When it dies it is thrown away as it stands, and nothing it still
// tries has any effect.
type process struct {
	w    *world
	dead bool
	fuse int // operations of store and systems until it dies; 0: it lives
	eng  *engine.Engine
	rec  *reconcile.Reconciler
	news *engine.Subscription

	turning  bool // the due loop has its turn
	foretold bool // in which it told systems of endings, and has not written them

	begun  time.Duration // when it started, of time lived
	told   time.Time     // the engine's clock when it was last looked at
	toldAt time.Duration // and when that was

	engineAt time.Duration                   // when Run would wake next
	workerAt map[core.SystemID]time.Duration // and each worker
	readerAt map[core.SystemID]time.Duration // and who reads it as a whole
	busy     map[core.SystemID]bool          // workers that wait for their system
	reading  map[core.SystemID]bool          // and readers that do
	spins    map[core.SystemID]int           // how often in a row a worker was to wake at once
	fruit    map[core.SystemID]int           // how often in a row a worker found its system away
	knows    map[core.SystemID]core.System   // systems as their workers heard of them
	recalled map[core.SystemID]bool          // whose worker has read what was tried before
}

// killed unwinds a process that died inside one of its own calls.
type killed struct{}

// point is a place between two steps at which a process may die. Only the
// wrapper of the store may call it: a connector.Target would catch the panic.
func (p *process) point(place string) {
	if p.softPoint(place) {
		panic(killed{})
	}
}

// softPoint is point for where nothing may unwind; the next call of the store will.
func (p *process) softPoint(place string) bool {
	if p.dead {
		return true
	}
	if p.fuse > 0 {
		if p.fuse--; p.fuse == 0 {
			p.die(place)
		}
	}
	return p.dead
}

func (p *process) die(place string) {
	p.dead = true
	p.w.stats.Kills++
	p.w.stats.Deaths[place]++
	p.w.tell("the process is killed %s", place)
}

// run calls f inside the process, and reports whether the process is still
// alive afterwards.
func (p *process) run(f func()) (alive bool) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(killed); !ok {
				p.w.fail("nothingPanics", "%v\n%s", v, debug.Stack())
			}
			p.dead = true
		}
		alive = !p.dead
	}()
	f()
	return true
}

// boot starts a process on what the one before left.
func (w *world) boot() {
	w.shift += w.bootShift
	w.bootShift = 0
	if w.plan.SQLite {
		if err := w.reopen(); err != nil {
			w.fail("theStoreOpens", "%v", err)
			return
		}
	}
	p := &process{w: w, begun: w.lived, workerAt: map[core.SystemID]time.Duration{}, busy: map[core.SystemID]bool{},
		readerAt: map[core.SystemID]time.Duration{}, reading: map[core.SystemID]bool{}, fruit: map[core.SystemID]int{}, spins: map[core.SystemID]int{},
		knows: map[core.SystemID]core.System{}, recalled: map[core.SystemID]bool{}}
	w.proc = p
	disk := &disk{Store: w.store, p: p}
	eng, err := engine.New(context.Background(), engine.Config{
		Store: disk, Clock: w, Zone: time.UTC, Mint: w.mint,
		Seal: func(string, core.Secret) ([]byte, error) { return []byte("sealed"), nil }, Log: w.log(),
	})
	if err != nil {
		w.fail("theStoreOpens", "%v", err)
		return
	}
	p.eng = eng
	p.rec = reconcile.New(reconcile.Config{
		Engine: eng, Kinds: connector.Registry{core.KindSample: kind{p}},
		Unseal: func(core.System) (core.Secret, error) { return core.Secret{}, nil }, Log: w.log(),
	})
	p.news = eng.Subscribe()
	p.engineAt = w.lived
	for i, id := range w.book.lands {
		if w.book.systems[id].State != core.SystemRemoved {
			p.workerAt[id] = w.lived + time.Duration(i)*time.Millisecond
			p.readerAt[id] = w.lived + time.Duration(i)*time.Millisecond
		}
	}
	p.told, p.toldAt = eng.Now(), w.Elapsed()
	if p.told.Before(w.book.last) {
		w.fail("theClockNeverGoesBack", "after a start it is %v, the log has %v", p.told, w.book.last)
	}
	w.tell("the process starts, its clock shows %v", p.told)
	w.checkStore()
}

// log puts what the program logs into the story.
func (w *world) log() *slog.Logger {
	if w.hear == nil {
		return nil
	}
	return slog.New(slog.NewTextHandler(teller{w}, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "stack" {
			return slog.Attr{}
		}
		return a
	}}))
}

type teller struct{ w *world }

func (t teller) Write(b []byte) (int, error) {
	t.w.tell("    %s", strings.TrimSpace(string(b)))
	return len(b), nil
}

// buryDead clears up after a process that died, and has another one started later.
func (w *world) buryDead() {
	if w.proc == nil || !w.proc.dead {
		return
	}
	w.catchUp()
	w.proc = nil
	w.upSince = -1
	for _, h := range w.hosts {
		h.forgotten(w)
	}
	down := w.downFor
	w.downFor = 0
	w.bootAt = w.lived + down
	w.tell("it is down for %v", down)
}

// reopen copies the database as a killed process leaves it, write-ahead log
// and all, and opens the copy.
func (w *world) reopen() error {
	old := w.file
	w.opened++
	folder := filepath.Join(w.dir, fmt.Sprint("life", w.opened))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	w.file = filepath.Join(folder, "stint.db")
	if old != "" {
		for _, end := range []string{"", "-wal"} {
			b, err := os.ReadFile(old + end)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err == nil {
				err = os.WriteFile(w.file+end, b, 0o600)
			}
			if err != nil {
				return err
			}
		}
		if err := w.store.Close(); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Dir(old)); err != nil {
			return err
		}
	}
	s, err := openSQLite(w.file)
	w.store = s
	return err
}

// disk is the store as one process sees it: it may fail, hide what it did, and
// is a place to die at.
type disk struct {
	core.Store
	p *process
}

// trouble is what a disk does instead of committing.
type trouble int

const (
	noTrouble trouble = iota
	full              // nothing is written
	hidden            // it is written, and nobody learns of it
	broken            // a read inside the transaction fails
)

var (
	errDisk = core.Errorf(core.Unavailable, "", core.KeyFull)
	errRead = core.Errorf(core.Unavailable, "", "storage.io")

	// errStop makes the store below roll back; it has no notion of our disk, and
	// would take errDisk for its own.
	errStop = errors.New("the simulated disk is full")
)

// Update implements core.Store.
func (d *disk) Update(ctx context.Context, f func(core.Tx) error) error {
	w := d.p.w
	d.p.point("before a commit")
	t := w.troubled()
	if t != noTrouble {
		w.unsure()
	}
	var events []core.Event
	err := d.Store.Update(ctx, func(tx core.Tx) error {
		seen := &witness{Tx: tx}
		if t == broken {
			seen.fails = 1 + w.dice(5)
		}
		if err := f(seen); err != nil {
			return err
		}
		events = seen.events
		switch {
		case seen.broke:
			return errRead
		case t == full:
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		return errDisk
	}
	if err != nil {
		return err
	}
	if w.proc == d.p || w.proc == nil {
		w.book.commit(events)
		w.stats.Commits++
	}
	d.p.point("after a commit")
	if t == hidden {
		w.tell("    committed, and the answer was lost")
		w.hiding = true
		return core.Errorf(core.Unavailable, "", "storage.io")
	}
	return nil
}

// Trouble implements core.Work. The trouble here is the world's; what room a
// real disk has left would make each life another.
func (*disk) Trouble() (core.Trouble, bool) { return core.Trouble{}, false }

// Read implements core.Store.
func (d *disk) Read(ctx context.Context, f func(core.View) error) error {
	d.p.point("before a read")
	return d.Store.Read(ctx, f)
}

// Attempted implements core.Work. From here on a worker knows what it tried itself.
func (d *disk) Attempted(ctx context.Context, id core.SystemID, after core.GrantID, limit int) ([]core.GrantID, error) {
	d.p.recalled[id] = true
	return d.Store.Attempted(ctx, id, after, limit)
}

// PendingGrants implements core.Work.
func (d *disk) PendingGrants(ctx context.Context, id core.SystemID, now time.Time, limit int) ([]core.Grant, error) {
	d.p.point("before a read")
	return d.Store.PendingGrants(ctx, id, now, limit)
}

// Endings implements core.Work. Behind it the due loop decides and writes, which
// may take its time: others go on meanwhile.
func (d *disk) Endings(ctx context.Context, now time.Time, after core.Ending, limit int) ([]core.Ending, error) {
	d.p.point("before a read")
	list, err := d.Store.Endings(ctx, now, after, limit)
	d.p.foretold = d.p.foretold || len(list) > 0
	return list, err
}

// Systems implements core.Work.
func (d *disk) Systems(ctx context.Context) ([]core.System, error) {
	if d.p.foretold && d.p.turning {
		d.p.foretold = false
		d.p.listen()
		d.p.w.spend(d.p.w.upTo(400 * time.Millisecond))
	}
	d.p.point("before a read")
	return d.Store.Systems(ctx)
}

// NoteTime implements core.Work.
func (d *disk) NoteTime(ctx context.Context, now time.Time) error {
	d.p.point("before the time is noted")
	if t := d.p.w.troubled(); t != noTrouble && t != hidden {
		return errDisk
	}
	if err := d.Store.NoteTime(ctx, now); err != nil {
		return err
	}
	d.p.w.book.noted(now)
	return nil
}

// Prune implements core.Work.
func (d *disk) Prune(ctx context.Context, before time.Time) error {
	d.p.point("before it forgets")
	if d.p.w.troubled() != noTrouble {
		return errDisk
	}
	return d.Store.Prune(ctx, before)
}

// witness notes what a transaction did, and may fail to read.
type witness struct {
	core.Tx
	events []core.Event
	fails  int // the read that fails, counted down; 0: none
	broke  bool
}

// Apply implements core.Tx.
func (t *witness) Apply(e core.Event) error {
	if err := t.Tx.Apply(e); err != nil {
		return err
	}
	t.events = append(t.events, e)
	return nil
}

// Err implements core.View.
func (t *witness) Err() error {
	if t.broke {
		return errRead
	}
	return t.Tx.Err()
}

func (t *witness) fail() bool {
	if t.fails > 0 {
		t.fails--
		t.broke = t.broke || t.fails == 0
	}
	return t.broke
}

// Assignment implements core.View; as the reads below, it finds nothing when it fails.
func (t *witness) Assignment(id core.AssignmentID) (a core.Assignment, ok bool) {
	if t.fail() {
		return a, false
	}
	return t.Tx.Assignment(id)
}

// Grant implements core.View.
func (t *witness) Grant(id core.GrantID) (g core.Grant, ok bool) {
	if t.fail() {
		return g, false
	}
	return t.Tx.Grant(id)
}

// Wanting implements core.View.
func (t *witness) Wanting(id core.GrantID) []core.Assignment {
	if t.fail() {
		return nil
	}
	return t.Tx.Wanting(id)
}

// LiveOf implements core.View.
func (t *witness) LiveOf(p core.PersonID) []core.Assignment {
	if t.fail() {
		return nil
	}
	return t.Tx.LiveOf(p)
}

// StandingOn implements core.View.
func (t *witness) StandingOn(id core.AssignmentID) []core.Assignment {
	if t.fail() {
		return nil
	}
	return t.Tx.StandingOn(id)
}

// Factor implements core.View.
func (t *witness) Factor(p core.PersonID) (f core.Factor, ok bool) {
	if t.fail() {
		return f, false
	}
	return t.Tx.Factor(p)
}
