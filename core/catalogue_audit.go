package core

// auditTexts are the sentences of core/audit: files that can't be read as an
// export of the audit log.
var auditTexts = map[TextKey]string{
	"audit.format":        "“{format}” is no format of an export. Take csv or jsonl.",
	"audit.no_header":     "The file is no export of the audit log: its first line does not name the columns.",
	"audit.columns":       "Line {line} does not have the columns of an export.",
	"audit.field":         "Line {line}: the field “{field}” is not written as in an export.",
	"audit.malformed":     "Line {line} is not written as in an export.",
	"audit.line_too_long": "The entry that begins on line {line} is longer than 1 MiB. No entry is.",
	"audit.read":          "The file can't be read.",
	"audit.canceled":      "Stopped before the end.",
}
