package core

// authTexts are the sentences of core/auth, core/auth/mfa, core/seal and
// core/config.
var authTexts = map[TextKey]string{
	"password.short":         "A password has at least {limit} characters. Three or four words that have nothing to do with each other are easy to keep in mind.",
	"password.long":          "A password has at most {limit} characters.",
	"password.control":       "A password can't hold control characters such as a line break.",
	"password.own_name":      "This password is mostly your own name. Choose one that nobody could guess from knowing you.",
	"password.common":        "This password is among the first that attackers try. Choose another.",
	"password.pattern":       "This password is mostly repetition, or a row of the keyboard or the alphabet. Choose another.",
	"password.canceled":      "The password was not compared because the request was given up.",
	"password.hash_damaged":  "The stored password can't be read. An administrator can set a new one.",
	"password.hint.empty":    "At least 12 characters. Several unrelated words are strong and easy to remember.",
	"password.hint.short":    "Too short: at least 12 characters.",
	"password.hint.long":     "Too long: at most 128 characters.",
	"password.hint.longer":   "Better with another word or two.",
	"password.hint.own_name": "Too close to your own name.",
	"password.hint.common":   "Made of words that attackers try first.",
	"password.hint.pattern":  "Too much repetition, or a row of keys.",
	"password.hint.good":     "Good.",
	"password.hint.strong":   "Very strong.",

	"seal.too_long":               "A secret has at most {limit} bytes.",
	"seal.wrong_key":             "A stored secret can't be opened with this installation's key.",
	"seal.canceled":               "The key was not read because the request was given up.",
	"seal.key_missing":            "The key that opens the stored secrets is missing: there is no file {path}. Put it back from where you kept a copy. Stint makes no new key, because a new one would open nothing.",
	"seal.key_missing_everywhere": "The key that opens the stored secrets is missing: neither the desktop's keyring nor the file {path} has it. Put it back from where you kept a copy, or start Stint as the user who set it up. Stint makes no new key, because a new one would open nothing.",
	"seal.keyring_unreachable":    "The key that opens the stored secrets is kept in the desktop's keyring, which can't be reached now, and there is no file {path}. Unlock the keyring, or start Stint in the desktop session it was set up in.",
	"seal.keyring_damaged":        "The desktop's keyring holds an entry “stint” that is not a key. Put the right one back from where you kept a copy.",
	"seal.file_unreadable":        "The key file {path} can't be read.",
	"seal.file_irregular":         "The key file {path} is not an ordinary file.",
	"seal.file_open":              "The key file {path} can be read or changed by others, or belongs to somebody else. Make it private (chmod 600 and the right owner) and start again. If others may have read it, replace the secrets stored in Stint.",
	"seal.file_damaged":           "The key file {path} is damaged. Put it back from where you kept a copy.",
	"seal.file_unwritable":        "The key file {path} can't be written.",
}
