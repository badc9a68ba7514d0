package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/engine"
)

// Who waits is told when the system has been read back, and not before: of a
// grant, of the same asked again with its key, and of a removal.
func TestWaitingForTheReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := found(t)
		ann := c.Person("ann")
		_, roles := c.System("db", []string{"admins"}, ann)
		basis := c.Eligible(ann, roles[0])
		done := func(cmd core.Command, key string) <-chan core.Result {
			ended := make(chan core.Result, 1)
			j := as(ann, cmd, key)
			j.Wait = time.Minute
			j.Prepare = func(_ core.View, cmd core.Command, env *core.Env) core.Command {
				env.Proof = core.Proof{Step: env.Now.Unix() / 30}
				return cmd
			}
			go func() {
				got, err := c.Engine.Do(context.Background(), j)
				if err != nil {
					t.Error(err)
				}
				ended <- got
			}()
			synctest.Wait()
			return ended
		}
		served := func(what string, ended <-chan core.Result, want core.Status) core.Result {
			t.Helper()
			select {
			case <-ended:
				t.Fatalf("%s: the answer came before the system was asked", what)
			default:
			}
			c.Settle()
			got := <-ended
			if len(got.Items) != 1 || got.Items[0].Status != want {
				t.Fatalf("%s: got %+v, want %s", what, got.Items, want)
			}
			return got
		}
		activate := core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "to do my work"}
		first := done(activate, "key")
		again := done(activate, "key")
		served("activation", first, core.Provisioned)
		got := <-again
		if got.Items[0].Status != core.Provisioned {
			t.Errorf("asked again: %s", got.Items[0].Status)
		}
		<-done(activate, "key") // nothing is on its way any more
		served("end", done(core.Drop{Assignments: []core.AssignmentID{got.Items[0].Assignment}}, ""), core.Revoked)
		if g := c.Grant(got.Items[0].Assignment); g.State != core.GrantAbsent {
			t.Errorf("the answer came while the grant was %s", g.State)
		}
	})
}

// Waiting in vain is no error: the command is done, and its status says how far.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := found(t)
		ann := c.Person("ann")
		_, roles := c.System("db", []string{"admins"}, ann)
		basis := c.Eligible(ann, roles[0])
		j := engine.Job{
			Actor: core.Actor{Person: ann, Strength: core.StrengthFactor, From: "window"}, Wait: 3 * time.Second,
			Command: core.Activate{Items: []core.ActivationItem{{Assignment: basis}}, Duration: core.Duration(time.Hour), Justification: "to do my work"},
			Prepare: func(_ core.View, cmd core.Command, env *core.Env) core.Command {
				env.Proof = core.Proof{Step: env.Now.Unix() / 30}
				return cmd
			},
		}
		began := time.Now()
		res, err := c.Engine.Do(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != j.Wait {
			t.Errorf("waited %v, want %v", took, j.Wait)
		}
		if got := res.Items[0].Status; got != core.PendingProvisioning {
			t.Errorf("got %s, want %s", got, core.PendingProvisioning)
		}
		c.Settle()
		if got := c.Status(res.Items[0].Assignment); got != core.Provisioned {
			t.Errorf("afterwards %s", got)
		}
	})
}
