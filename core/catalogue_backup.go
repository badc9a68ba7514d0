package core

// backupTexts are the sentences of backups and of restoring them.
var backupTexts = map[TextKey]string{
	"backup.passphrase_missing": "A backup needs a passphrase.",
	"backup.wrong_passphrase":   "The passphrase does not open this backup. Nothing was changed.",
	"backup.none":               "This file is no backup of Stint. Nothing was changed.",
	"backup.damaged":            "The backup is damaged or cut off, and can't be used. Nothing was changed. Take another copy of it, or an older backup.",
	"backup.newer":              "The backup was made by a newer Stint. Update this one, then restore. Nothing was changed.",
	"backup.log_broken":         "The audit log in the backup does not verify: entry {seq} is bad ({reason}). A backup that somebody changed is not restored. Nothing was changed.",
	"backup.wrong_key":          "The key in the backup does not open the secrets in it, so they would be lost. Nothing was changed.",
	"backup.unreadable":         "The backup can't be read from where it lies. Nothing was changed.",
	"backup.unwritable":         "The data can't be written. Check that the disk has room and that this user may write there.",
	"backup.unfinished":         "A restore was cut off, and moving the rest in {path} does not work. Nothing is lost: check that the disk has room and that this user may write there, then start Stint again.",
	"backup.running":            "A backup is being made already. Wait until it is done.",
	"backup.sample":             "These are sample data. There is nothing in them to keep.",
	"backup.not_here":           "This server keeps its data in another way, and is backed up with that.",
	"cli.exists":                "There is a file {path} already. Name another one, or say --force to replace it.",
	"cli.passphrase_missing":    "A passphrase is needed. Give it in a file with --passphrase-file, or on standard input with --passphrase-file -.",
	"cli.passphrase_differs":    "The two passphrases differ.",
	"cli.passphrase_file":       "The file with the passphrase can't be read.",
	"cli.backup_file":           "The backup can't be read.",
	"cli.restore_server":        "A backup is restored where the data lie, not through a server. Leave --server away, on that computer.",
	"backup.in_use":             "A Stint is running on this data ({holder}), so nothing was changed. Close the window or stop the server, then restore. Access it has granted stays as it is meanwhile.",
	"backup.present":            "There is data here already ({path}), so nothing was changed. Say --replace to put the backup in its place; what is there is moved aside and kept.",
}
