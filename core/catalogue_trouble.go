package core

// troubleTexts are the sentences of what is wrong now. The title says what
// happened; the text what it means for access, what is done by itself, and
// what one can do. Somebody frightened reads them.
var troubleTexts = map[TextKey]string{
	"trouble.clock.title":        "The computer that runs Stint slept, or its clock was set forward by {step}",
	"trouble.clock.text":         "What was due by then has ended, also where the clock is wrong: nobody has access for longer than it was granted. Activate again what you still need. If the clock is wrong, let an administrator set it right.",
	"trouble.clock-behind.title": "Stint's time is {ahead} ahead of the clock of its computer",
	"trouble.clock-behind.text":  "Nobody has access for longer than it was granted: Stint goes on counting the time that really passes, so every end shown may come up to {ahead} earlier by your own clock. It passes by itself once the clock has caught up. If the clock is right now, a Global Administrator can accept it; that ends all activations first.",
	"trouble.disk.title":         "The disk is full",
	"trouble.disk.text":          "Nothing new can be activated or changed. Access still ends on time: Stint keeps room for that. Make room on the disk, and this goes away by itself.",
	"trouble.no_reserve.title":   "The disk is full, and nothing was kept in reserve",
	"trouble.no_reserve.text":    "Nothing can be stored: access that ends now may stay until there is room. Make room on the disk at once; Stint then goes on by itself and takes back what is overdue.",
	"trouble.broken.title":       "The disk with the database has failed",
	"trouble.broken.text":        "What was answered before is safe. Stint writes nothing more, so nothing can be activated, and access that ends now may stay. Look after the disk, then start Stint again: it checks the database and takes back what is overdue. If it can't wait, take access away on the systems by hand.",
	"trouble.stuck.title":        "{n} accesses on {system} could not be taken back yet",
	"trouble.stuck.title.one":    "{role} on {system} could not be taken back yet",
	"trouble.stuck.text":         "{why} They are over, but {system} may still allow them. Stint keeps trying by itself and never gives up. If it can't wait, take them away on {system} by hand.",
	"trouble.stuck.text.one":     "{why} {person}'s access is over, but {system} may still allow it. Stint keeps trying by itself and never gives up. If it can't wait, take it away on {system} by hand.",
	"trouble.restored.title":     "{n} privileges on {system} are not in the backup that was restored",
	"trouble.restored.title.one": "One privilege on {system} is not in the backup that was restored",
	"trouble.restored.text":      "They may have been activated after the backup was made, and nothing ends them by itself. Look at each: take it away, or accept it.",
	"trouble.mail.title":         "{n} mails could not be sent yet",
	"trouble.mail.title.one":     "One mail could not be sent yet",
	"trouble.mail.text":          "{why} Nothing is lost: Stint keeps trying by itself, and sends each once. Access doesn't depend on it, and still ends on time. If it lasts, send a test mail from the settings.",
	"trouble.system.title":       "Stint can't work with {system} right now",
	"trouble.system.text":        "{why} Nothing can be activated there until that is mended; what ends meanwhile is taken back as soon as it is. Stint keeps trying by itself.",
}
