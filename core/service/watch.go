package service

import (
	"context"
	"slices"
	"strconv"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// Watch see core.Service. The goroutine ends with ctx.
func (s *Service) Watch(ctx context.Context) (<-chan core.Update, error) {
	who, err := s.allowed(ctx, anyone)
	if err != nil {
		return nil, err
	}
	if !s.streams.enter(who.person.ID) {
		return nil, core.Errorf(core.Refused, "", "watch.many", "max", strconv.Itoa(maxStreams))
	}
	sub := s.cfg.Engine.Subscribe()
	out := make(chan core.Update)
	go func() {
		defer close(out)
		defer s.streams.leave(s.person)
		defer sub.Close()
		if !send(ctx, out, core.Update{}) {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-sub.C:
				// Rights and the session may have ended meanwhile.
				now, err := s.allowed(ctx, anyone)
				if err != nil {
					return
				}
				who = now
				if u := s.updateFor(who, sub.Take()); len(u.Topics) > 0 || len(u.Notices) > 0 {
					if !send(ctx, out, u) {
						return
					}
				}
			}
		}
	}()
	return out, nil
}

func send(ctx context.Context, out chan<- core.Update, u core.Update) bool {
	select {
	case <-ctx.Done():
		return false
	case out <- u:
		return true
	}
}

// updateFor leaves of the news what concerns a person.
func (s *Service) updateFor(who reader, n engine.News) core.Update {
	u := core.Update{Seq: n.Seq}
	for _, t := range n.Topics {
		if who.rights.Read || t == core.TopicAccess || t == core.TopicSettings || t == core.TopicRequests || t == core.TopicTroubles {
			u.Topics = append(u.Topics, t)
		}
	}
	if slices.Contains(n.People, who.person.ID) && !slices.Contains(u.Topics, core.TopicAccess) {
		u.Topics = append(u.Topics, core.TopicAccess)
	}
	for _, notice := range n.Notices {
		if notice.To == who.person.ID {
			u.Notices = append(u.Notices, notice)
		}
	}
	return u
}
