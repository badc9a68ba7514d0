package resources

import (
	"embed"
	"io/fs"
)

//go:embed mail
var mail embed.FS

// Mail returns the templates of mails: layout.html and layout.txt for all
// languages, and a folder for each language with one file per kind of notice.
func Mail() fs.FS {
	sub, err := fs.Sub(mail, "mail")
	if err != nil {
		panic("resources: " + err.Error())
	}
	return sub
}
