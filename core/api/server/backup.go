package server

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/api"
)

type backupInput struct {
	Code string `header:"Stint-Code" maxLength:"100" doc:"A fresh code of the second factor, or a recovery code."`
	Body api.Backup
}

// backupRoute streams a backup. Restoring has no route: it is done where the
// data lie, with nobody signed in.
func (s *server) backupRoute() {
	op := operation(http.MethodPost, api.PathBackups, "backup", "backups", "Stream a sealed backup of everything")
	op.Description = "For Global Administrators, with a fresh code. If it fails on its way the connection breaks off; " +
		"a client that sends TE: trailers finds the reason in the trailer " + api.TrailerProblem + " instead. What breaks off is no backup."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The file; stint restore --check checks it.",
		Content:     map[string]*huma.MediaType{api.BackupType: {}},
	}}
	stream(s, op, func(ctx context.Context, in *backupInput, w *streamWriter) {
		w.download(api.BackupType, "stint-backup.age", func(to io.Writer) error {
			_, err := service(ctx).Backup(ctx, core.NewSecret(in.Body.Passphrase), core.NewSecret(in.Code), to, nil)
			return err
		})
	})
}
