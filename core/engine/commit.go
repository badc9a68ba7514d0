package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
)

// maxTogether bounds how many jobs share a transaction, so that nobody waits
// for a crowd.
const maxTogether = 256

// commitTime bounds one transaction, waiting for the store's lock included.
const commitTime = 15 * time.Second

// queue lets whoever comes first commit for all who wait: a leader takes the
// turn, commits what is queued and passes the turn on. There is no goroutine
// of its own, so that virtual time can drive the engine by plain calls.
type queue struct {
	mu      sync.Mutex
	waiting []*waiter // guarded by mu
	turn    chan struct{}
}

type waiter struct {
	jobs []Job
	out  []Done
	done chan struct{}
}

func (q *queue) pass(e *Engine, jobs []Job) []Done {
	w := &waiter{jobs: jobs, out: make([]Done, len(jobs)), done: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, w)
	q.mu.Unlock()
	for {
		select {
		case <-w.done:
			return w.out
		case q.turn <- struct{}{}:
			select {
			case <-w.done: // somebody else's turn did it
				<-q.turn
			default:
				e.lead(q.take())
			}
		}
	}
}

// take removes the oldest waiters, about maxTogether jobs of them.
func (q *queue) take() []*waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, jobs := 0, 0
	for n < len(q.waiting) && (n == 0 || jobs+len(q.waiting[n].jobs) <= maxTogether) {
		jobs += len(q.waiting[n].jobs)
		n++
	}
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return batch
}

// lead carries out a batch of waiters while it has the turn, and passes the
// turn on whatever happens. A panic below, in a store, leaves nobody knowing
// what was written; who waits is told so, and the next may try.
func (e *Engine) lead(batch []*waiter) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("commit panicked", "panic", p, "stack", string(debug.Stack()))
			e.askDue()
			for _, w := range batch {
				e.fail(w, core.Errorf(core.Unavailable, "", "internal.fault"))
			}
		}
		for _, w := range batch {
			close(w.done)
		}
		<-e.queue.turn
	}()
	e.commit(batch)
}

// commit carries out a batch of waiters. If the batch as a whole can't be
// written, each is tried alone, and then each job: one bad command must not
// take its neighbours down, nor one due date hold up all that are due with it.
func (e *Engine) commit(batch []*waiter) {
	// Not the callers' context: what was begun is finished, whoever hung up.
	ctx, cancel := context.WithTimeout(context.Background(), commitTime)
	defer cancel()
	e.split(ctx, batch)
}

func (e *Engine) split(ctx context.Context, batch []*waiter) {
	decided, err := e.write(ctx, batch)
	switch {
	case err == nil:
	case decided && !ours(batch) && !unwritten(err):
		// The commit itself failed: nobody knows whether it happened (F5). Who is
		// told so asks again with his key; done twice it would be two requests,
		// and the second answer a refusal of what the first did. Stint's own
		// commands look again before they do anything, so they may be repeated.
		for _, w := range batch {
			if ours([]*waiter{w}) {
				e.split(ctx, []*waiter{w})
			} else {
				e.fail(w, err)
			}
		}
	case len(batch) > 1:
		for _, w := range batch {
			e.split(ctx, []*waiter{w})
		}
	case len(batch[0].jobs) > 1:
		w := batch[0]
		for i := range w.jobs {
			e.split(ctx, []*waiter{{jobs: w.jobs[i : i+1], out: w.out[i : i+1]}})
		}
	default:
		e.fail(batch[0], err)
	}
}

// unwritten reports an error of a commit that surely did not happen: the disk
// was full. What needs no room of its own may then still be done alone.
func unwritten(err error) bool {
	var e *core.Error
	return errors.As(err, &e) && e.Key == "storage.full"
}

// ours reports whether all commands are Stint's own.
func ours(batch []*waiter) bool {
	for _, w := range batch {
		for _, j := range w.jobs {
			if !j.Actor.IsEngine() {
				return false
			}
		}
	}
	return true
}

func (e *Engine) fail(w *waiter, err error) {
	e.log.Error("commit failed", "err", err)
	for i := range w.out {
		w.out[i] = Done{Err: unavailable(err)}
	}
}

// write decides and commits the jobs of some waiters in one transaction and
// then publishes what changed. decided says, of a failure, that all was decided
// and applied, so that it was the commit that failed.
func (e *Engine) write(ctx context.Context, batch []*waiter) (decided bool, err error) {
	var news bulletin
	if spares(batch) {
		ctx = core.WithReserve(ctx)
	}
	err = e.store.Update(ctx, func(tx core.Tx) error {
		news, decided = bulletin{}, false
		now, wall := e.clock.both()
		head := tx.Head()
		for _, w := range batch {
			for i, j := range w.jobs {
				done, err := e.one(tx, j, e.env(now, wall), &head, &news)
				if err != nil {
					return err
				}
				w.out[i] = done
				if !news.clock.IsZero() {
					now = news.clock // those behind it live in the corrected time
				}
			}
		}
		failpoint.Hit("engine.decided")
		// Where no mail is set up none is written: not even later, when it is, does
		// anybody want to read what was then.
		if ds := news.deliveries(now); len(ds) > 0 && tx.Settings().Mail.Configured() {
			if err := tx.Deliver(ds); err != nil {
				return err
			}
		}
		decided = true
		return nil
	})
	if err != nil {
		if decided && !unwritten(err) {
			// It may have happened: then its end is due like any other, and systems
			// have something to do. Who looks for nothing finds nothing.
			news.notices = nil
			e.noteDue(news.due)
			e.hub.publish(news.update())
		}
		return decided, err
	}
	failpoint.Hit("engine.committed")
	if !news.clock.IsZero() {
		e.clock.accept(news.clock)
	}
	for _, w := range batch {
		for _, d := range w.out {
			if d.settling != nil {
				e.waits.add(d.settling)
			}
		}
	}
	e.waits.tell(news.grants, news.requests)
	e.noteDue(news.due)
	e.hub.publish(news.update())
	return true, nil
}

// spares reports whether all that is asked for may use the room kept for a full disk.
func spares(batch []*waiter) bool {
	for _, w := range batch {
		for _, j := range w.jobs {
			if !core.Spares(j.Command) {
				return false
			}
		}
	}
	return true
}

// one decides a job and applies its events. The error is about the store; a
// refusal stands in Done.
func (e *Engine) one(tx core.Tx, j Job, env core.Env, head *core.Head, news *bulletin) (Done, error) {
	now := env.Now
	var sum []byte
	var badKey *core.Error
	if j.Key != "" {
		sum = sumOf(j.Command)
		// Who is no longer signed in is not told earlier answers either; the
		// rules refuse him below.
		was, result, ok := tx.Remembered(j.Actor.Person, j.Key)
		switch {
		case len(j.Key) > 100:
			badKey = core.Errorf(core.Invalid, "key", "key.long")
		case ok && stillIn(tx, j.Actor, now) && bytes.Equal(was, sum):
			return j.stay(tx, replay(result), nil), nil
		case ok && stillIn(tx, j.Actor, now):
			badKey = core.Errorf(core.Conflict, "key", "key.reused")
		}
	}
	var sealErr error
	env.Seal = func(context string, s core.Secret) []byte {
		b, err := e.seal(context, s)
		if err != nil {
			sealErr = err
		}
		return b
	}
	d, refused, err := e.decide(tx, j, env, badKey)
	if err != nil {
		return Done{}, err
	}
	if err := errors.Join(tx.Err(), sealErr); err != nil {
		return Done{}, err
	}
	for _, ev := range d.Events {
		if ev.Entry.Action != "" {
			*head = ev.Entry.Seal(*head)
		}
		if err := tx.Apply(ev); err != nil {
			return Done{}, err
		}
		news.add(ev)
	}
	d.Result.Seq = head.Seq
	news.seq = head.Seq
	if j.Key != "" && refused == nil {
		b, err := json.Marshal(d.Result)
		if err != nil {
			return Done{}, err
		}
		if err := tx.Remember(j.Actor.Person, j.Key, sum, b, now); err != nil {
			return Done{}, err
		}
	}
	return j.stay(tx, Done{Result: d.Result, Err: refused}, d.Events), nil
}

// stay notes what the caller of j waits for, if he does.
func (j Job) stay(v core.View, d Done, events []core.Event) Done {
	if j.Wait > 0 && d.Err == nil {
		d.settling = settlingOf(v, d.Result, events)
	}
	return d
}

// decide asks the rules. A panic in them is a broken invariant of ours; it must
// not keep the turn to commit for ever, because whoever is in front carries out
// the commands of all who wait.
func (e *Engine) decide(tx core.Tx, j Job, env core.Env, badKey *core.Error) (d core.Decision, refused, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("decision panicked", "command", j.Command.Verb(), "panic", p, "stack", string(debug.Stack()))
			err = core.Errorf(core.Unavailable, "", "internal.fault")
		}
	}()
	if badKey != nil {
		return core.Refuse(tx, j.Actor, j.Command, env, badKey), badKey, nil
	}
	cmd := j.Command
	if j.Prepare != nil {
		cmd = j.Prepare(tx, cmd, &env)
	}
	d, refused = core.Decide(tx, j.Actor, cmd, env)
	return d, tidy(refused), nil
}

func stillIn(v core.View, a core.Actor, now time.Time) bool {
	if a.Session == "" {
		return true
	}
	_, p, err := core.LiveSession(v, a.Session, now)
	return err == nil && p.ID == a.Person
}

// replay gives the first answer to a key again (F19).
func replay(result []byte) Done {
	var r core.Result
	if err := json.Unmarshal(result, &r); err != nil {
		return Done{Err: core.Wrap(core.Internal, "internal.fault", err)}
	}
	return Done{Result: r}
}
