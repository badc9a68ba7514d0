package core

// catalogue is the English text of every key: errors, notes, names. A test
// holds the translations against it. Keys are grouped by what they are about.
var catalogue = map[TextKey]string{
	"duration.malformed": "“{value}” is not a duration. Write it like 1h30m, 45m or PT1H30M.",
	"hash.malformed":     "A hash has 64 hexadecimal digits.",
}
