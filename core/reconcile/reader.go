package reconcile

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/connector"
	"github.com/stint-pim/stint/core/engine"
)

// readEvery is how often a system is read as a whole. What is done by hand
// there is seen within a minute (F22); ten seconds are for the reading.
const readEvery = 50 * time.Second

// reader reads one system as a whole now and then, and compares it with what
// the grants say. It has a connection of its own and shares nothing with the
// worker, so that no removal ever waits for it.
type reader struct {
	w    *worker
	last time.Time // when the last reading began; of the reader's goroutine only
	said string    // the last problem logged
}

func (r *reader) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.w.gone:
			return
		case <-timer.C:
		}
		err := r.read(ctx)
		r.say(ctx, err)
		if err != nil && r.w.unread.Load() {
			timer.Reset(probeEvery) // somebody may be waiting for it
		} else {
			timer.Reset(readEvery)
		}
	}
}

// due reports whether it is time to read again, for virtual time.
func (r *reader) due() bool { return r.last.IsZero() || r.w.now().Sub(r.last) >= readEvery }

// say logs a problem when it is new. That the system can't be reached, the
// worker finds out and shows.
func (r *reader) say(ctx context.Context, err error) {
	text := ""
	if err != nil && ctx.Err() == nil {
		text = connector.Problem(err)
	}
	if text != r.said && text != "" {
		r.w.r.cfg.Log.Warn("read system", "system", r.w.id, "problem", text)
	}
	r.said = text
}

// read does one reading.
func (r *reader) read(ctx context.Context) error {
	r.last = r.w.now()
	r.w.mu.Lock()
	sys := r.w.system
	r.w.mu.Unlock()
	if sys.State != core.SystemConnected {
		return nil
	}
	c := comparison{system: sys.ID, began: r.last}
	if err := c.load(ctx, r.w.r.store); err != nil {
		return err
	}
	if len(c.roles) > 0 {
		d, err := r.w.r.openDriver(sys)
		if err != nil {
			return err
		}
		defer func() { _ = d.Close() }()
		if c.held, err = d.Holders(ctx, c.names()); err != nil {
			return err
		}
		c.compare()
		if err := c.verify(ctx, d); err != nil {
			return err
		}
	}
	if err := c.record(ctx, r.w.r.cfg.Engine); err != nil {
		return err
	}
	if r.w.unread.Swap(false) {
		r.w.wake()
	}
	return nil
}

// comparison is one reading of a system, beside what Stint knows. What Stint
// knows is read first: what becomes so meanwhile is not taken for drift,
// because Decide looks again whether the grant has moved since.
type comparison struct {
	system core.SystemID
	began  time.Time
	roles  map[string]core.RoleID // managed ones, by their own names
	grants []known                // all that are not proven absent
	rows   []core.Drift           // of the readings before

	held     []connector.Privilege
	seen     []core.Sighting
	unseen   []known              // present, as we believe, and not among held
	lost     []core.RecordOutcome // of those, what the system was asked about and has not
	complete bool                 // what is not in seen is not there
	restored bool                 // this is the first reading since a backup was restored
	unknown  int                  // of what is outside, new ones
}

// known is what a comparison needs of a grant. There may be ten thousand, and
// whole ones would double what a server takes.
type known struct {
	id    core.GrantID
	cycle int64
	role  core.RoleID
	state core.GrantState
	connector.Privilege
}

func (c *comparison) load(ctx context.Context, store core.Store) error {
	c.complete = true
	c.roles = map[string]core.RoleID{}
	for after := ""; ; {
		l, err := store.Roles(ctx, core.RoleFilter{System: c.system}, core.Page{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, role := range l.Items {
			c.roles[role.External] = role.ID
		}
		if after = l.Next; after == "" {
			break
		}
	}
	one := map[string]string{}
	same := func(s string) string { // in memory once, however many grants say it
		if t, ok := one[s]; ok {
			return t
		}
		one[s] = s
		return s
	}
	for after := core.GrantID(""); ; {
		gs, err := store.LiveGrants(ctx, c.system, after, 500)
		if err != nil {
			return err
		}
		if len(gs) == 0 {
			break
		}
		for _, g := range gs {
			k := known{id: g.ID, cycle: g.Cycle, role: core.RoleID(same(string(g.Role))), state: core.GrantState(same(string(g.State))), Privilege: privilege(g)}
			k.Role, k.Scope = same(k.Role), same(k.Scope)
			c.grants = append(c.grants, k)
		}
		after = gs[len(gs)-1].ID
	}
	rows, before, err := store.DriftOf(ctx, c.system)
	if err != nil {
		return err
	}
	at, err := store.Restored(ctx)
	c.rows, c.restored = rows, before.Outdated(at)
	return err
}

func (c *comparison) names() []string {
	var names []string
	for n := range c.roles {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// compare sorts what is held into what is ours and what is not.
func (c *comparison) compare() {
	c.complete = len(c.held) < connector.MaxHoldings
	type name struct{ role, account string }
	byName, byObject := map[name]int{}, map[string]int{}
	for i, g := range c.grants {
		byName[name{g.Role, g.Account}] = i
		if g.Object != "" {
			byObject[g.Object] = i
		}
	}
	found := make([]bool, len(c.grants))
	for _, p := range c.held {
		i, ours := byObject[p.Object]
		if !ours || p.Object == "" {
			i, ours = byName[name{p.Role, p.Account}]
			ours = ours && (p.Object == "" || c.grants[i].Object == "")
		}
		if !ours {
			c.outside(p.Role, p.Account, p.Object, "no assignment in Stint wants it")
			continue
		}
		g := c.grants[i]
		found[i] = true
		c.named(g, p)
		if g.state == core.GrantFound {
			c.outside(g.Role, g.Account, p.Object, "it was there before Stint managed it")
		}
	}
	for i, g := range c.grants {
		if !found[i] && (g.state == core.GrantPresent || g.state == core.GrantFound) {
			c.unseen = append(c.unseen, g)
		}
	}
}

func (c *comparison) outside(role, account, object, detail string) {
	c.seen = append(c.seen, core.Sighting{Kind: core.DriftOutside, Role: c.roles[role], Scope: "/", Account: account, Object: object, Detail: detail})
}

// named notes that something of ours is called otherwise now.
func (c *comparison) named(g known, now connector.Privilege) {
	detail := ""
	if now.Account != g.Account {
		detail = "the account is called “" + connector.Show(now.Account) + "” there now"
	}
	if now.Role != g.Role {
		if detail != "" {
			detail += ", "
		}
		detail += "the role is called “" + connector.Show(now.Role) + "” there now"
	}
	if detail != "" {
		c.seen = append(c.seen, core.Sighting{Kind: core.DriftRenamed, Role: g.role, Scope: g.Scope, Account: g.Account, Object: g.Object, Detail: detail})
	}
}

// verify asks once more, one by one, for what seems to be gone: the role may
// have another name, and a list may be cut off.
func (c *comparison) verify(ctx context.Context, d *connector.Target) error {
	for part := range slices.Chunk(c.unseen, together) {
		asked := make([]connector.Privilege, len(part))
		for i, g := range part {
			asked[i] = g.Privilege
		}
		out, err := d.Read(ctx, asked)
		if err != nil {
			return err
		}
		for i, o := range out {
			switch {
			case o.Err != nil:
				c.complete = false // nothing is known of it
			case !o.Evidence.Holds:
				c.lost = append(c.lost, core.RecordOutcome{Grant: part[i].id, Cycle: part[i].cycle, Observed: true, Evidence: o.Evidence})
			case o.Now != connector.Privilege{}:
				c.named(part[i], o.Now)
			}
		}
	}
	return nil
}

// record tells the engine what is new, in portions, and that the reading is done.
func (c *comparison) record(ctx context.Context, e *engine.Engine) error {
	type key struct {
		kind           core.DriftKind
		role           core.RoleID
		scope, account string
	}
	known, still := map[key]core.Drift{}, map[key]bool{}
	for _, r := range c.rows {
		known[key{r.Kind, r.Role, r.Scope, r.Account}] = r
	}
	var fresh []core.Sighting
	for _, s := range c.seen {
		k := key{s.Kind, s.Role, s.Scope, s.Account}
		still[k] = true
		if r, ok := known[k]; !ok || r.Object != s.Object || r.Detail != s.Detail {
			fresh = append(fresh, s)
			if s.Kind == core.DriftOutside && !ok {
				c.unknown++
			}
		}
	}
	var gone []core.DriftID
	for k, r := range known {
		if c.complete && r.Kind != core.DriftLost && !still[k] {
			gone = append(gone, r.ID)
		}
	}
	slices.SortFunc(gone, func(a, b core.DriftID) int { return cmp.Compare(a, b) })
	room := core.MaxDrift - len(c.rows) + len(gone)
	kept := min(len(fresh), max(0, room))
	more := len(fresh) - kept
	if !c.complete {
		more++
	}
	return c.send(ctx, e, fresh[:kept], gone, more)
}

func (c *comparison) send(ctx context.Context, e *engine.Engine, fresh []core.Sighting, gone []core.DriftID, more int) error {
	var jobs []engine.Job
	give := func(cmd core.Command) { jobs = append(jobs, engine.Job{Actor: core.EngineActor(), Command: cmd}) }
	for _, l := range c.lost {
		give(l)
	}
	for part := range slices.Chunk(gone, core.MaxSightings) {
		give(core.RecordDrift{System: c.system, Began: c.began, Gone: part})
	}
	outside := 0
	for _, s := range fresh {
		if s.Kind == core.DriftOutside {
			outside++
		}
	}
	var told []core.Sighting
	for part := range slices.Chunk(fresh, core.MaxSightings) {
		cmd := core.RecordDrift{System: c.system, Began: c.began, Seen: part, Told: told}
		for _, s := range part {
			if s.Kind == core.DriftOutside {
				outside--
			}
		}
		if told == nil && slices.ContainsFunc(part, func(s core.Sighting) bool { return s.Kind == core.DriftOutside }) {
			told = part
		}
		cmd.Others = outside
		give(cmd)
	}
	give(core.RecordDrift{System: c.system, Began: c.began, Done: true, Held: len(c.held), More: more, Restored: c.restored, Unknown: c.unknown})
	for _, d := range e.DoAll(context.WithoutCancel(ctx), jobs) {
		if d.Err != nil {
			return &storeError{d.Err}
		}
	}
	return nil
}
