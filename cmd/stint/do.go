package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

func (a *app) doCommand() *cobra.Command {
	var p proof
	var preview bool
	verbs := make([]string, 0, len(core.Public()))
	for _, c := range core.Public() {
		verbs = append(verbs, c.Verb())
	}
	cmd := a.command("do VERB [JSON]", "Any command there is, for scripts", between(1, 2), func(ctx context.Context, args []string) error {
		text := "-"
		if len(args) == 2 {
			text = args[1]
		}
		if text == "-" {
			if p.code == "-" {
				return core.Errorf(core.Invalid, "code", "cli.one_input")
			}
			b, err := io.ReadAll(io.LimitReader(a.In, api.MaxBody+1))
			if err != nil {
				return core.Wrap(core.Unavailable, "cli.no_input", err)
			}
			text = string(b)
		}
		command, err := parseCommand(args[0], text)
		if err != nil {
			return err
		}
		svc, err := a.service(ctx)
		if err != nil {
			return err
		}
		if preview {
			plan, err := svc.Preview(ctx, command)
			if err != nil {
				return err
			}
			return a.writeJSON(plan)
		}
		res, err := a.do(ctx, svc, command, p)
		if err != nil {
			return err
		}
		if err := a.writeJSON(res); err != nil {
			return err
		}
		for _, item := range res.Items {
			if item.Err != nil {
				return item.Err
			}
		}
		return nil
	})
	cmd.Long = `Carries out any command of the API. The JSON is the body of /v1/commands/VERB as the
document at /openapi.json describes it; what holds secrets comes best on standard input.
The answer is JSON as well.

Verbs: ` + strings.Join(verbs, ", ") + "."
	cmd.Example = `  stint do add-person '{"name":"Bob Baker","login":"bob","mail":"bob@example.org"}'
  stint do add-system <prod-db.json
  stint do --preview remove-system '{"system":"sy_…","justification":"retired"}'`
	cmd.ValidArgs = verbs
	p.flags(cmd)
	cmd.Flags().BoolVar(&preview, "preview", false, "only say what would come of it")
	return cmd
}

// parseCommand reads a command of the verb. Unknown fields are refused; the
// text itself is never repeated, because it may hold a secret.
func parseCommand(verb, text string) (core.Command, error) {
	for _, c := range core.Public() {
		if c.Verb() != verb {
			continue
		}
		v := reflect.New(reflect.TypeOf(c))
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(v.Interface()); err != nil || d.More() {
			return nil, core.Errorf(core.Invalid, "", "cli.command_json", "verb", verb)
		}
		command, ok := v.Elem().Interface().(core.Command)
		if !ok {
			panic("stint: a command lost its verb") // reflect made it of a command
		}
		return command, nil
	}
	return nil, core.Errorf(core.NotFound, "verb", "cli.verb", "verb", core.Clip(verb, 40))
}
