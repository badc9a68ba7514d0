package house

import (
	"context"
	"io"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/backup"
	"github.com/stint-pim/stint/core/engine"
	"github.com/stint-pim/stint/core/seal"
	"github.com/stint-pim/stint/core/service"
	"github.com/stint-pim/stint/storage/sqlite"
)

// archive makes backups of the store at o.Path while it is in use.
func archive(o Options, eng *engine.Engine, key *seal.Key) service.Archive {
	return func(ctx context.Context, w io.Writer, passphrase core.Secret, tell core.Progress) (head core.Head, err error) {
		var settings core.Settings
		err = eng.Store().Read(ctx, func(v core.View) error { settings = v.Settings(); return v.Err() })
		if err != nil {
			return head, err
		}
		err = sqlite.Copy(ctx, o.Path, func(s *sqlite.Snapshot) error {
			head = s.Head
			return backup.Write(ctx, w, backup.Contents{Key: key.Text(), Database: s, Manifest: backup.Manifest{
				Made: eng.Now(), High: s.High, Version: o.Version, Schema: s.Schema, Host: o.Host, Organisation: settings.Organisation,
				Store: s.First, Seq: s.Head.Seq, Head: s.Head.Hash, People: s.People, Systems: s.Systems, Live: s.Live, Grants: s.Grants,
				Database: s.Size, Key: key.Fingerprint(),
			}}, passphrase, tell)
		})
		return head, err
	}
}
