package simulate

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/storage"
	"github.com/stint-pim/stint/storage/memory"
	"github.com/stint-pim/stint/storage/sqlite"
)

// founded is when every company is: a Monday, noon.
var founded = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a company, its systems and the machine that Stint runs on.
type world struct {
	plan    Plan
	acts    map[string]func(*world, Step)
	next    int // the step to come
	stats   Stats
	failure *Failure
	hear    func(string)

	lived time.Duration // what a stopwatch would show
	shift time.Duration // by how much the wall clock is wrong
	rolls uint64        // of the dice in this step
	salt  uint64        // of this step

	store  core.Store
	book   *book
	dir    string
	file   string // of the database
	opened int
	minted uint64

	proc      *process
	bootAt    time.Duration
	bootShift time.Duration
	downFor   time.Duration
	upSince   time.Duration // -1: it is down
	slept     time.Duration
	awake     time.Duration // since when the machine was not asleep
	stepped   time.Duration // when the wall clock was last set

	diskTill  time.Duration // until when the disk is in trouble
	diskMode  int
	diskDirty time.Duration // when it was last in trouble
	hiding    bool          // the last commit's answer was hidden

	hosts  []*host
	stands map[core.SystemID]*host // which host a system stands for
	people []core.PersonID
	boss   core.PersonID
	signed map[core.PersonID]core.SessionID
	codes  map[core.PersonID]int64 // the last code each person used
	keyed  []*asked                // calls with a key, newest last
	keyOf  map[core.PersonID]int   // the last key each person used
	keys   int
	hand   int // names given by hand
	later  []event
	queued uint64
}

// event is something that a step leads to later.
type event struct {
	at  time.Duration
	seq uint64
	do  func()
}

func newWorld(p Plan, dir string, hear func(string)) *world {
	w := &world{plan: p, acts: actions(), stands: map[core.SystemID]*host{}, dir: dir, hear: hear, salt: p.Seed, signed: map[core.PersonID]core.SessionID{}, codes: map[core.PersonID]int64{}, keyOf: map[core.PersonID]int{}}
	w.stats.Kinds, w.stats.Deaths = map[string]int{}, map[string]int{}
	w.book = newBook(w)
	if !p.SQLite {
		w.store = memory.NewAt(w.Now)
	}
	return w
}

func openSQLite(file string) (*storage.DB, error) {
	return sqlite.Open(context.Background(), file, sqlite.Options{DropDeliveries: true, Unsafe: true})
}

func (w *world) close() {
	if w.store != nil {
		_ = w.store.Close()
	}
}

// live founds the company and lives the plan.
func (w *world) live() {
	w.boot()
	if w.failure == nil {
		w.found(rand.New(rand.NewPCG(w.plan.Seed, 2)))
	}
	for w.failure == nil && w.next < len(w.plan.Steps) {
		s := w.plan.Steps[w.next]
		w.until(s.At, false)
		if w.failure == nil && w.next < len(w.plan.Steps) && w.plan.Steps[w.next] == s {
			w.begin(s)
			w.after()
			w.buryDead()
		}
	}
	if w.failure == nil {
		w.checkStory()
	}
}

// Now is what the machine's clock shows.
func (w *world) Now() time.Time { return founded.Add(w.lived + w.shift) }

// Elapsed is what the machine's monotonic clock counts: not the time it slept.
func (w *world) Elapsed() time.Duration { return w.lived - w.slept }

func (w *world) mint(prefix string, now time.Time) string {
	w.minted++
	return fmt.Sprintf("%s_%012x%08x", prefix, now.UnixMilli(), w.minted)
}

// dice returns a number below n that depends on the step and on how often it
// was asked in it, so that leaving other steps out changes it little.
func (w *world) dice(n int) int {
	w.rolls++
	h := fnv.New64a()
	var b [24]byte
	for i := range 8 {
		b[i], b[8+i], b[16+i] = byte(w.salt>>(8*i)), byte(w.rolls>>(8*i)), byte(w.plan.Seed>>(8*i))
	}
	_, _ = h.Write(b[:])
	x := h.Sum64()
	x ^= x >> 29
	return int(x % uint64(n))
}

func (w *world) upTo(d time.Duration) time.Duration {
	return time.Duration(w.dice(int(d/time.Millisecond)+1)) * time.Millisecond
}

// tell adds a line to the story.
func (w *world) tell(format string, args ...any) {
	if w.hear == nil {
		return
	}
	mark := ""
	if !strings.HasPrefix(format, "    ") {
		mark = fmt.Sprintf("%4dd %s  ", int(w.lived/day), (time.Time{}).Add(w.lived%day).Format("15:04:05.000"))
	}
	w.hear(mark + fmt.Sprintf(format, args...))
}

// fail notes the first thing that does not hold.
func (w *world) fail(invariant, format string, args ...any) {
	if w.failure != nil {
		return
	}
	w.failure = &Failure{Invariant: invariant, Says: says[invariant], Detail: fmt.Sprintf(format, args...), At: w.lived, Step: w.next}
	w.tell("FOUND: %s: %s", invariant, w.failure.Detail)
}

// until lets time pass. Inside a call to a system (nested) others go on
// meanwhile, but nobody starts, sleeps or waits for calm.
func (w *world) until(target time.Duration, nested bool) {
	p := w.proc
	for w.failure == nil {
		if nested && (p == nil || p.dead) {
			return
		}
		at, do := w.earliest(target, nested)
		if do == nil {
			break
		}
		w.lived = max(w.lived, at)
		do()
		w.after()
		if !nested {
			w.buryDead()
		}
	}
	if w.failure == nil && !(nested && p.dead) {
		w.lived = max(w.lived, target)
	}
}

// earliest returns what comes next, not after target. Where several things
// come at once, chance decides.
func (w *world) earliest(target time.Duration, nested bool) (at time.Duration, do func()) {
	ties := 0
	offer := func(t time.Duration, f func()) {
		t = max(t, w.lived)
		switch {
		case t > target || do != nil && t > at:
			return
		case do == nil || t < at:
			ties = 1
		default:
			if ties++; w.dice(ties) > 0 {
				return
			}
		}
		at, do = t, f
	}
	if w.next < len(w.plan.Steps) {
		if s := w.plan.Steps[w.next]; !nested || s.Kind != "calm" && s.Kind != "sleep" && (s.Kind != "fault" || w.proc == nil || !w.proc.turning) {
			// Steps at the target itself are begun by whoever waits for it.
			if nested || s.At < target {
				offer(s.At, func() { w.begin(s) })
			}
		}
	}
	if len(w.later) > 0 {
		i := 0
		for j, e := range w.later {
			if e.at < w.later[i].at || e.at == w.later[i].at && e.seq < w.later[i].seq {
				i = j
			}
		}
		offer(w.later[i].at, func() {
			e := w.later[i]
			w.later = slices.Delete(w.later, i, i+1)
			e.do()
		})
	}
	p := w.proc
	if p == nil {
		if !nested {
			offer(w.bootAt, func() { w.boot(); w.upSince = w.lived })
		}
		return at, do
	}
	if !p.turning {
		offer(p.engineAt, p.turnEngine)
	}
	for _, id := range w.book.lands {
		// While the due loop is in the middle of its turn, on this one stack, it
		// must not have to wait for a system that hangs.
		quick := !p.turning
		if h := w.hostOf(id); h != nil && !quick {
			quick = !h.troubled(w)
		}
		if t, ok := p.workerAt[id]; ok && !p.busy[id] && quick {
			offer(t, func() { p.turnWorker(id) })
		}
		if t, ok := p.readerAt[id]; ok && !p.reading[id] && !p.turning {
			offer(t, func() { p.turnReader(id) })
		}
	}
	return at, do
}

// soon has something done a little later, as a client who tries again would.
func (w *world) soon(in time.Duration, do func()) {
	w.queued++
	w.later = append(w.later, event{w.lived + in, w.queued, do})
}

// begin begins the next step.
func (w *world) begin(s Step) {
	w.next++
	w.salt, w.rolls = uint64(s.At)^uint64(s.N[0])<<48^uint64(s.N[1])<<32^uint64(s.N[2])<<16^uint64(s.N[3]), 0
	w.tell("· %s %v", s.Kind, s.N)
	w.acts[s.Kind](w, s)
}

// after looks at what must always hold.
func (w *world) after() {
	if w.failure == nil {
		w.checkAlways()
	}
}

// turnEngine is one turn of the engine's loop.
func (p *process) turnEngine() {
	w := p.w
	var wait time.Duration
	alive := p.run(func() {
		defer func() { p.turning, p.foretold = false, false }()
		p.turning = true
		wait = p.eng.Turn(context.Background())
	})
	if !alive {
		return
	}
	// Seconds in which nothing is due, nothing is in trouble and nobody acts are
	// not lived one by one: the engine would look at its clock and sleep again.
	if wait >= time.Second && w.lived >= w.diskTill {
		next, ok := w.book.nextDue()
		if idle := next.Sub(p.eng.Now()); !ok || idle > time.Second {
			wait = 6 * time.Hour
			if ok {
				wait = min(wait, idle)
			}
		}
	}
	p.engineAt = w.lived + wait
	p.listen()
}

// turnWorker is one turn of the worker of a system.
func (p *process) turnWorker(id core.SystemID) {
	w := p.w
	h := w.hostOf(id)
	p.busy[id] = true
	var pause time.Duration
	alive := p.run(func() {
		defer delete(p.busy, id)
		pause = p.rec.Turn(context.Background(), id)
	})
	if !alive {
		return
	}
	p.workerAt[id] = w.lived + pause
	if p.spins[id]++; pause > 0 {
		p.spins[id] = 0
	}
	if p.spins[id] > 100 {
		w.fail("nobodySpins", "the worker of %s wakes again and again, and does nothing: %s", w.book.systems[id].Name, w.pendingOn(id))
	}
	// Likewise, minutes in which nothing waits are not lived one by one, nor
	// each try of a system that is known to stay away.
	away, till := h == nil, w.lived+day
	if h != nil {
		away, till = h.away(w)
	}
	switch {
	case away && pause <= time.Second:
		if p.fruit[id]++; p.fruit[id] > 12 {
			p.workerAt[id] = min(w.lived+time.Duration(p.fruit[id]-12)*time.Minute+w.upTo(time.Second), max(till, w.lived)+pause)
		}
	case !away && pause > 50*time.Second:
		p.workerAt[id] = w.lived + max(pause, min(6*time.Hour, w.nextTry(id)))
		p.fruit[id] = 0
	default:
		p.fruit[id] = 0
	}
	if w.book.systems[id].State == core.SystemRemoved {
		delete(p.workerAt, id)
	}
	p.listen()
}

// turnReader reads a system as a whole.
func (p *process) turnReader(id core.SystemID) {
	w := p.w
	p.reading[id] = true
	var pause time.Duration
	alive := p.run(func() {
		defer delete(p.reading, id)
		pause = p.rec.Reading(context.Background(), id)
	})
	if !alive {
		return
	}
	// Readings that would find nothing new are not lived one by one, either.
	p.readerAt[id] = w.lived + max(pause, 6*time.Hour)
	if h := w.hostFor(id); h != nil && h.touched {
		// What was done there is yet to be seen, unless it was just now.
		p.readerAt[id] = w.lived + pause
		if h.troubled(w) {
			p.readerAt[id] = w.lived + time.Hour
		}
		h.touched = h.troubled(w)
	}
	if w.book.systems[id].State == core.SystemRemoved {
		delete(p.readerAt, id)
	}
	p.listen()
}

// lookSoon has a system read again within the minute in which Stint promises
// to see what was done there.
func (w *world) lookSoon(h *host, within time.Duration) {
	h.touched = true
	if p := w.proc; p != nil {
		for _, id := range w.book.lands {
			if at, ok := p.readerAt[id]; ok && w.hostFor(id) == h {
				p.readerAt[id] = min(at, w.lived+w.upTo(within))
			}
		}
	}
}

// nextTry is how long nothing that waits for a system is to be tried.
func (w *world) nextTry(id core.SystemID) time.Duration {
	wait, now := 6*time.Hour, w.proc.eng.Now()
	for _, g := range w.book.held {
		if row := w.book.grants[g]; row.System == id && row.Pending() {
			wait = min(wait, row.NextTry.Sub(now))
		}
	}
	if w.book.systems[id].State != core.SystemConnected {
		wait = min(wait, time.Minute)
	}
	return wait
}

// pendingOn lists what waits for a system.
func (w *world) pendingOn(id core.SystemID) string {
	s := ""
	for _, g := range w.book.held {
		if row := w.book.grants[g]; row.System == id && row.Pending() {
			s += fmt.Sprintf("%s/%s is %s, next try %v, last problem %q; ", row.External, row.Account, row.State, row.NextTry, row.LastErr)
		}
	}
	return s + fmt.Sprintf("now is %v", w.proc.eng.Now())
}

// idle reports whether nothing waits for a system.
func (w *world) idle(id core.SystemID) bool {
	for _, g := range w.book.held {
		if row := w.book.grants[g]; row.System == id && row.Pending() {
			return false
		}
	}
	return w.book.systems[id].State == core.SystemConnected
}

// listen takes the news as Run does, and wakes whom they concern.
func (p *process) listen() {
	w := p.w
	wake := func(id core.SystemID) {
		at := w.lived + w.upTo(4*time.Millisecond)
		if old, ok := p.workerAt[id]; !ok || at < old {
			p.workerAt[id] = at
		}
		if _, ok := p.readerAt[id]; !ok {
			p.readerAt[id] = at
		}
	}
	// One after the other: a select over both would choose by chance.
	select {
	case <-p.news.C:
		n := p.news.Take()
		slices.Sort(n.Systems)
		for _, id := range n.Systems {
			wake(id)
		}
		if slices.Contains(n.Topics, core.TopicSystems) {
			for _, id := range w.book.lands {
				if w.book.systems[id].State != core.SystemRemoved && p.moved(id) {
					wake(id)
				}
			}
		}
	default:
	}
	select {
	case <-p.eng.Early():
		p.engineAt = min(p.engineAt, w.lived+w.upTo(2*time.Millisecond))
	default:
	}
	// A commit that wakes nobody may still be due before the engine's loop was
	// next to be lived: in truth it looks every second.
	if due, ok := w.book.nextDue(); ok && !p.dead {
		at := w.lived + max(0, due.Sub(p.eng.Now()))
		if at+time.Second < p.engineAt {
			p.engineAt = at + w.upTo(time.Second)
		}
	}
}

// moved reports whether a worker has yet to hear that its system is new, that it
// is reached otherwise or that its state is another. Run wakes no other worker
// for news of systems: each minute each of them notes its health.
func (p *process) moved(id core.SystemID) bool {
	s := p.w.book.systems[id]
	old, known := p.knows[id]
	p.knows[id] = s
	return !known || old.State != s.State || !maps.Equal(old.Settings, s.Settings)
}

// catchUp does what the engine would have done in the minutes that were not
// lived one by one: before a process ends, the time was noted within a minute.
func (w *world) catchUp() {
	p := w.proc
	if p == nil || w.failure != nil {
		return
	}
	now := p.eng.Now().Add(-w.upTo(time.Minute))
	if now.After(w.book.last) && w.lived >= w.diskTill && w.lived-p.begun > time.Minute {
		if err := w.store.NoteTime(context.Background(), now); err != nil {
			w.fail("theStoreOpens", "note time: %v", err)
			return
		}
		w.book.noted(now)
	}
}
