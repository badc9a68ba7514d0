package simulate

import (
	"context"
	"fmt"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// code is what somebody types besides his command.
type code int

const (
	fresh code = iota
	wrong
	again // the code he used last
	none
)

// asked is one command on its way, as its client knows it.
type asked struct {
	who  core.PersonID
	cmd  core.Command
	key  string
	code code
	// reused says that he used the key before, for something else.
	reused bool

	res       core.Result
	err       error
	cut       bool // no answer came, or none that says what was done
	committed bool // what only the wrapper around the store knows: it was done
	made      []core.AssignmentID
	at        time.Time // by the engine's clock, when it was first done
}

// give sends commands to the engine, as one group, and holds the answers to
// what was committed. Those whose answer never came are tried again later if
// they carry a key.
func (w *world) give(calls ...*asked) {
	p := w.proc
	if p == nil || p.dead {
		for _, c := range calls {
			c.cut = true
			w.tell("  %s by %s: nobody answers", c.cmd.Verb(), w.book.nameOf(c.who))
			w.again(c)
		}
		return
	}
	jobs := make([]engine.Job, len(calls))
	for i, c := range calls {
		jobs[i] = w.job(c)
		w.stats.Commands++
	}
	from, before := len(w.book.entries), w.book.commits
	w.hiding = false
	var done []engine.Done
	alive := p.run(func() { done = p.eng.DoAll(context.Background(), jobs) })
	now := w.book.last
	for i, c := range calls {
		if done == nil {
			c.cut = true
		} else {
			c.res, c.err = done[i].Result, done[i].Err
			switch code := core.CodeOf(c.err); code {
			case core.Unavailable:
				c.cut = true
			case core.Internal, core.Canceled:
				w.fail("answersAreKnown", "%s: %v", c.cmd.Verb(), c.err)
			}
		}
		if c.at.IsZero() {
			c.at = now
		}
		w.count(c)
	}
	w.checkAnswers(calls, w.book.entries[from:], w.book.commits-before)
	if alive {
		p.listen()
	}
	for _, c := range calls {
		if c.cut {
			w.again(c)
		}
	}
}

func (w *world) count(c *asked) {
	name := w.book.nameOf(c.who)
	switch {
	case c.cut:
		w.stats.Cut++
		w.tell("  %s by %s: no answer (%v)", c.cmd.Verb(), name, c.err)
	case c.err != nil:
		w.stats.Refused++
		w.tell("  %s by %s: %v", c.cmd.Verb(), name, c.err)
	default:
		w.stats.Accepted++
		w.stats.Kinds[c.cmd.Verb()]++
		w.tell("  %s by %s: done %s", c.cmd.Verb(), name, lines(c.res))
	}
}

func lines(r core.Result) string {
	s := ""
	for _, it := range r.Items {
		if it.Err != nil {
			s += fmt.Sprintf("[%v] ", it.Err)
		} else {
			s += fmt.Sprintf("[%s %s until %s] ", it.Assignment, it.Status, core.Clock(it.End))
		}
	}
	return s
}

// job makes a job of a call. A fresh code is one that was not used before.
func (w *world) job(c *asked) engine.Job {
	actor := core.Actor{Person: c.who, Session: w.signed[c.who], Strength: core.StrengthFactor, From: "window"}
	if actor.Session == "" {
		actor.Strength = core.StrengthNone
	}
	return engine.Job{Actor: actor, Command: c.cmd, Key: c.key, Prepare: func(_ core.View, cmd core.Command, env *core.Env) core.Command {
		switch c.code {
		case fresh:
			w.codes[c.who] = max(w.codes[c.who]+1, env.Now.Unix()/30)
			env.Proof = core.Proof{Step: w.codes[c.who]}
		case wrong:
			env.Wrong = true
		case again:
			env.Proof = core.Proof{Step: max(1, w.book.factors[c.who].LastStep)}
		}
		return cmd
	}}
}

// again tries once more what got no answer, as a client with a key may.
func (w *world) again(c *asked) {
	if c.key == "" || w.failure != nil {
		return
	}
	w.soon(2*time.Second+w.upTo(time.Minute), func() { w.repeat(c) })
}

// repeat asks the same with the same key.
func (w *world) repeat(first *asked) {
	if w.proc == nil || !w.ready(first.who) {
		return
	}
	w.stats.Repeated++
	c := &asked{who: first.who, cmd: first.cmd, key: first.key, code: fresh}
	w.tell("  once more with the same key: %s by %s", c.cmd.Verb(), w.book.nameOf(c.who))
	entries := len(w.book.entries)
	p := w.proc
	if p == nil || p.dead {
		return
	}
	var res core.Result
	var err error
	known := first.committed
	if !p.run(func() { res, err = p.eng.Do(context.Background(), w.job(c)) }) {
		return
	}
	p.listen()
	done := w.book.entries[entries:]
	switch {
	case core.CodeOf(err) == core.Unavailable:
	case known && p.eng.Now().Sub(first.at) < 24*time.Hour:
		if err != nil && core.CodeOf(err) != core.Unauthenticated {
			w.fail("aKeyGivesTheFirstAnswer", "%s was done; asked again with its key: %v", c.cmd.Verb(), err)
		}
		if err == nil && len(done) > 0 {
			w.fail("aKeyGivesTheFirstAnswer", "%s was done; asked again with its key it was done once more", c.cmd.Verb())
		}
		if err == nil && first.err == nil && !first.cut && lines(res) != lines(first.res) {
			w.fail("aKeyGivesTheFirstAnswer", "%s: got %s, the first time %s", c.cmd.Verb(), lines(res), lines(first.res))
		}
	case err == nil:
		if len(done) > 0 { // now, and not already before
			first.at = p.eng.Now()
		}
		first.committed, first.res, first.err, first.cut = true, res, nil, false
	}
}

// ready signs somebody in as he is: with a new password or a new second factor
// where he needs one. It reports whether he can act.
func (w *world) ready(who core.PersonID) bool {
	p := w.proc
	if p == nil || p.dead {
		return false
	}
	now := p.eng.Now()
	if s, ok := w.book.sessions[w.signed[who]]; !ok || !now.Before(s.Expires) || now.Sub(s.LastSeen) >= core.SessionIdle {
		delete(w.signed, who)
		w.keys++
		id := core.SessionID(fmt.Sprint("session-", w.keys))
		w.personally(who, core.OpenSession{
			Login: w.book.people[who].Login, Person: who, Right: true, CodeTold: w.book.factors[who].Confirmed, CodeOK: true,
			Session: core.Session{ID: id, From: "window"},
		})
		if _, ok := w.book.sessions[id]; !ok {
			return false
		}
		w.signed[who] = id
	}
	if w.book.credentials[who].MustChange && !w.personally(who, core.ChangePassword{Right: true, Hash: fmt.Sprint("hash", w.keys)}) {
		return false
	}
	if w.book.factors[who].Confirmed {
		return true
	}
	if !w.personally(who, core.BeginFactor{Sealed: []byte("s")}) {
		return false
	}
	w.codes[who] = max(w.codes[who]+1, p.eng.Now().Unix()/30)
	return w.personally(who, core.ConfirmFactor{Step: w.codes[who], Recovery: []string{"r1", "r2"}})
}

// personally gives a command about somebody's own way in.
func (w *world) personally(who core.PersonID, cmd core.Command) bool {
	p := w.proc
	if p == nil || p.dead {
		return false
	}
	var err error
	alive := p.run(func() { _, err = p.eng.Do(context.Background(), w.job(&asked{who: who, cmd: cmd})) })
	if !alive {
		return false
	}
	p.listen()
	if err != nil {
		w.tell("  %s by %s: %v", cmd.Verb(), w.book.nameOf(who), err)
	}
	return err == nil
}
