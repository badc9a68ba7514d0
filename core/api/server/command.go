package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

// commandRoutes offers every command of core.Public twice: to be done and to
// be previewed. A test holds this list against core.Public.
func (s *server) commandRoutes() {
	register[core.Assign](s, "Make people eligible for a role, or active in it")
	register[core.UpdateAssignment](s, "Change the dates of an assignment")
	register[core.RemoveAssignments](s, "End assignments at once, with the activations that stand on them")
	register[core.Activate](s, "Activate eligible assignments of one's own for a while")
	register[core.Drop](s, "End activations before their time, or cancel scheduled ones")
	register[core.Prolong](s, "Move the end of a running activation")
	register[core.ExtendAssignments](s, "Move the end of assignments that end soon")
	register[core.RenewAssignments](s, "Put assignments in force again that expired lately")
	register[core.RequestExtension](s, "Ask the administrators to extend an assignment of one's own")
	register[core.RequestRenewal](s, "Ask the administrators to renew an assignment of one's own that expired")
	register[core.DecideRequests](s, "Approve or deny requests that wait")
	register[core.CancelRequests](s, "Take back requests that wait")
	register[core.SetDeputy](s, "Say who decides for oneself between two dates")
	register[core.SaveFavourite](s, "Keep a role or a bundle for another time")
	register[core.RemoveFavourite](s, "Forget a favourite")
	register[core.AddSystem](s, "Begin to manage a system")
	register[core.UpdateSystem](s, "Change how a system is reached; an empty secret keeps the present one")
	register[core.RemoveSystem](s, "End all assignments on a system, take its grants back, then forget it")
	register[core.AddRoles](s, "Manage more roles of a system")
	register[core.UpdateRole](s, "Change how a role is shown and protected")
	register[core.RemoveOutside](s, "Take away on the system what was assigned there outside Stint")
	register[core.AcceptDrift](s, "Say why a system may hold something otherwise than Stint left it")
	register[core.SetPolicy](s, "Replace the settings made at one level")
	register[core.SetPolicies](s, "Replace the settings made at many levels, all of them or none")
	register[core.ChangeSettings](s, "Replace the settings of the installation; an empty mail password keeps the present one")
	register[core.AddPerson](s, "Add somebody who can sign in")
	register[core.UpdatePerson](s, "Change a person's name, login, mail and language")
	register[core.DisablePerson](s, "Keep a person out and end what he has running")
	register[core.EnablePerson](s, "Let a disabled person in again")
	register[core.SetAccount](s, "Say who a person is on a system")
	register[core.AddGroup](s, "Make a group of people")
	register[core.UpdateGroup](s, "Change how a group is called")
	register[core.RemoveGroup](s, "End what a group was given, and forget the group")
	register[core.AddMembers](s, "Put people into a group")
	register[core.RemoveMembers](s, "Take people out of a group; what they have through it ends")
	register[core.ResetPassword](s, "Give somebody a new first password")
	register[core.ResetFactor](s, "Take a lost second factor away")
	register[core.EndSessions](s, "Sign a person out everywhere")
	register[core.AcceptClock](s, "Set Stint's time back to the machine's clock; ends all activations first")
}

type commandInput[T core.Command] struct {
	Code string `header:"Stint-Code" maxLength:"100" doc:"A fresh code of the second factor, or a recovery code."`
	Key  string `header:"Idempotency-Key" maxLength:"100" doc:"Asked again with the same key, the first answer comes again."`
	Wait string `query:"wait" maxLength:"40" doc:"How long to stay until the systems have been read back, like PT30S; at most PT1M. The statuses in the answer say how far it came. Without it the answer comes when the intent is durable."`
	Body T
}

type previewInput[T core.Command] struct {
	Body T
}

func register[T core.Command](s *server, summary string) {
	var zero T
	verb := zero.Verb()
	answer(s, operation(http.MethodPost, api.PathCommands+verb, verb, "commands", summary),
		func(ctx context.Context, in *commandInput[T]) (core.Result, error) {
			var wait core.Duration
			if in.Wait != "" {
				if err := wait.UnmarshalText([]byte(in.Wait)); err != nil {
					return core.Result{}, core.Errorf(core.Invalid, "wait", "api.field", "field", "wait")
				}
			}
			if wait > 0 { // who only waits is let go when the server stops
				var cancel context.CancelFunc
				ctx, cancel = s.untilStop(ctx)
				defer cancel()
			}
			return service(ctx).Do(ctx, core.Call{Command: in.Body, Code: core.NewSecret(in.Code), Key: in.Key, Wait: wait.Std()})
		})
	answer(s, operation(http.MethodPost, api.PathPreviews+verb, "preview-"+verb, "previews", "What would come of: "+summary),
		func(ctx context.Context, in *previewInput[T]) (core.Plan, error) {
			return service(ctx).Preview(ctx, in.Body)
		})
}

// Document returns the API's OpenAPI document, of which core/api/openapi.json
// is a copy for people who write clients.
func Document() *huma.OpenAPI {
	s := &server{Options: Options{}.withDefaults()}
	s.routes(http.NewServeMux())
	return s.api.OpenAPI()
}
