package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/stint-pim/stint/core"
)

// News is what a commit changed, for whoever shows or carries out things.
// News that a slow subscriber has not taken yet is merged.
type News struct {
	Seq     int64
	Topics  []core.Topic
	People  []core.PersonID // whose own access changed
	Systems []core.SystemID // with grants to be made, removed or observed, or changed themselves
	Notices []core.Notice
}

// bulletin collects news of one transaction.
type bulletin struct {
	seq     int64
	topics  map[core.Topic]bool
	people  map[core.PersonID]bool
	systems map[core.SystemID]bool
	notices []core.Notice
	due     time.Time

	grants   map[core.GrantID]bool // whether it is on its way
	requests map[core.RequestID]core.Status
	clock    time.Time // that was accepted; zero: none
}

func (b *bulletin) add(ev core.Event) {
	if b.topics == nil {
		b.topics, b.people, b.systems = map[core.Topic]bool{}, map[core.PersonID]bool{}, map[core.SystemID]bool{}
		b.grants, b.requests = map[core.GrantID]bool{}, map[core.RequestID]core.Status{}
	}
	if ev.Entry.Action != "" {
		b.topics[core.TopicAudit] = true
	}
	b.notices = append(b.notices, ev.Notices...)
	for _, c := range ev.Changes {
		b.change(c)
	}
}

func (b *bulletin) change(c core.Change) {
	switch c := c.(type) {
	case core.Assignment:
		b.topics[core.TopicAssignments] = true
		b.people[c.Principal] = true
		if c.State.Live() {
			b.dueAt(c.End)
			b.dueAt(c.Remind)
			if c.State == core.Scheduled {
				b.dueAt(c.Start)
			}
		}
	case core.Request:
		if c.Approval != nil { // else nobody but the person waits for it
			b.topics[core.TopicRequests] = true
		}
		b.people[c.Principal] = true
		b.requests[c.ID] = c.Status
		b.dueAt(c.Due)
	case core.Deputy:
		b.people[c.Person], b.people[c.Deputy] = true, true
		b.topics[core.TopicRequests] = true
	case core.DeputyRemoved:
		b.people[c.Person] = true
		b.topics[core.TopicRequests] = true
	case core.Grant:
		b.topics[core.TopicAssignments] = true
		b.topics[core.TopicAccess] = true // whose it is, is known by account only
		if b.grants[c.ID] = c.Pending(); c.Pending() {
			b.systems[c.System] = true
		}
	case core.System:
		b.topics[core.TopicSystems] = true
		b.systems[c.ID] = true
		if c.State == core.SystemDraining {
			b.dueAt(time.Unix(1, 0)) // at once
		}
	case core.Role, core.PolicyLevel:
		b.topics[core.TopicRoles] = true
		b.topics[core.TopicAccess] = true
	case core.Drift, core.DriftRemoved:
		b.topics[core.TopicSystems] = true
	case core.Settings:
		b.topics[core.TopicSettings] = true
	case core.DigestMark:
		b.dueAt(c.Next)
	case core.ClockMark:
		b.topics[core.TopicTroubles] = true
	case core.ClockSet:
		b.clock = c.Now
		// Whatever waited for a time, or shows one, looks again.
		for _, t := range []core.Topic{core.TopicAccess, core.TopicAssignments, core.TopicSystems, core.TopicPeople, core.TopicSettings, core.TopicTroubles} {
			b.topics[t] = true
		}
	case core.Group:
		b.topics[core.TopicPeople] = true
	case core.Member:
		b.topics[core.TopicPeople], b.people[c.Person] = true, true
	case core.MemberRemoved:
		b.topics[core.TopicPeople], b.people[c.Person] = true, true
	case core.Favourite:
		b.people[c.Person] = true
	case core.FavouriteRemoved:
		b.topics[core.TopicAccess] = true
	case core.Person, core.Account, core.AccountRemoved, core.Factor, core.Credential:
		b.topics[core.TopicPeople] = true
	}
}

func (b *bulletin) dueAt(t time.Time) {
	if !t.IsZero() && (b.due.IsZero() || t.Before(b.due)) {
		b.due = t
	}
}

// deliveries makes a delivery of each notice that has an address.
func (b *bulletin) deliveries(now time.Time) []core.Delivery {
	var out []core.Delivery
	for _, n := range b.notices {
		if n.Address != "" {
			out = append(out, core.Delivery{ID: core.DeliveryID(core.MintID("de", now)), Notice: n})
		}
	}
	return out
}

func (b *bulletin) update() News {
	n := News{Seq: b.seq, Notices: b.notices}
	for t := range b.topics {
		n.Topics = append(n.Topics, t)
	}
	for p := range b.people {
		n.People = append(n.People, p)
	}
	for s := range b.systems {
		n.Systems = append(n.Systems, s)
	}
	return n
}

// maxNotices bounds what is kept for a subscriber that doesn't take its news.
const maxNotices = 100

// hub hands news to subscribers.
type hub struct {
	mu   sync.Mutex
	subs map[*Subscription]bool // guarded by mu
}

// Subscription is one listener. C has a token whenever Take has something.
type Subscription struct {
	C    <-chan struct{}
	c    chan struct{}
	hub  *hub
	mu   sync.Mutex
	news News // merged, not taken yet. guarded by mu
}

// Subscribe begins to listen; Close ends it.
func (e *Engine) Subscribe() *Subscription {
	c := make(chan struct{}, 1)
	s := &Subscription{C: c, c: c, hub: &e.hub}
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	if e.hub.subs == nil {
		e.hub.subs = map[*Subscription]bool{}
	}
	e.hub.subs[s] = true
	return s
}

// Close ends the subscription; C gets no more tokens.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.subs, s)
}

// Take returns what happened since the last Take, merged.
func (s *Subscription) Take() News {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.news
	s.news = News{Seq: n.Seq}
	return n
}

func (h *hub) publish(n News) {
	if n.Seq == 0 && len(n.Topics) == 0 && len(n.Systems) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.merge(n)
		select {
		case s.c <- struct{}{}:
		default:
		}
	}
}

func (s *Subscription) merge(n News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news.Seq = max(s.news.Seq, n.Seq)
	s.news.Topics = union(s.news.Topics, n.Topics)
	s.news.People = union(s.news.People, n.People)
	s.news.Systems = union(s.news.Systems, n.Systems)
	s.news.Notices = append(s.news.Notices, n.Notices...)
	if over := len(s.news.Notices) - maxNotices; over > 0 {
		s.news.Notices = slices.Clone(s.news.Notices[over:])
	}
}

func union[T comparable](a, b []T) []T {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}
