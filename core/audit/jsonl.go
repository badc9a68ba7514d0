package audit

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// encodedSuffix marks a field whose bytes are no valid UTF-8 (a system's
// answer may hold anything). JSON can't carry them, so that they are written
// in base64 under the field's name with this suffix; else the hash would not
// fit what the file holds.
const encodedSuffix = "_base64"

type jsonlWriter struct {
	w     io.Writer
	buf   []byte
	names [19]string
	err   error
}

func newJSONLWriter(w io.Writer) *jsonlWriter {
	return &jsonlWriter{w: w, buf: make([]byte, 0, bufferSize+4096), names: core.FieldNames()}
}

func (j *jsonlWriter) Write(e *core.Entry) error {
	if j.err != nil {
		return j.err
	}
	b := append(j.buf, `{"seq":`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `,"time":"`...)
	b = append(appendTime(b, e.Time), '"')
	for i, s := range e.Fields() {
		if s == "" {
			continue
		}
		b = append(b, ',', '"')
		b = append(b, j.names[i]...)
		if utf8.ValidString(s) {
			b = appendJSON(append(b, '"', ':'), s)
			continue
		}
		b = append(b, encodedSuffix+`":"`...)
		b = append(base64.StdEncoding.AppendEncode(b, []byte(s)), '"')
	}
	b = append(b, `,"prev":"`...)
	b = appendHex(b, e.Prev)
	b = append(b, `","hash":"`...)
	b = appendHex(b, e.Hash)
	j.buf = append(b, '"', '}', '\n')
	if len(j.buf) >= bufferSize {
		return j.Flush()
	}
	return nil
}

func (j *jsonlWriter) Flush() error {
	if j.err == nil && len(j.buf) > 0 {
		_, j.err = j.w.Write(j.buf)
		j.buf = j.buf[:0]
	}
	return j.err
}

// appendJSON writes valid UTF-8 as a JSON string. Line and paragraph
// separators are escaped as well, because some readers of lines split there.
func appendJSON(b []byte, s string) []byte {
	const hexits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f && c != 0xe2 {
			continue
		}
		if c == 0xe2 && !strings.HasPrefix(s[i:], "\u2028") && !strings.HasPrefix(s[i:], "\u2029") {
			continue
		}
		b = append(b, s[from:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == 0xe2:
			b = append(b, `\u202`...)
			b = append(b, hexits[s[i+2]&15])
			i += 2
		default:
			b = append(b, `\u00`...)
			b = append(b, hexits[c>>4], hexits[c&15])
		}
		from = i + 1
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// jsonlReader reads what jsonlWriter wrote. It parses the flat objects itself:
// encoding/json takes the last of two equal names and does not tell "detail"
// from "Detail", and a file could show a reader one text and prove another.
type jsonlReader struct {
	lines
	fields [columns]string
}

func (j *jsonlReader) Read(e *core.Entry) error {
	j.begin()
	if err := j.more(); err != nil {
		return err
	}
	if !j.parse(strings.TrimRight(string(j.buf), "\r\n")) {
		return malformed(j.line, "audit.malformed")
	}
	return fill(e, j.line, &j.fields)
}

// parse reads one object of strings and a number into fields.
func (j *jsonlReader) parse(s string) bool {
	j.fields = [columns]string{}
	var seen [columns]bool
	if !strings.HasPrefix(s, "{") || !strings.HasSuffix(s, "}") {
		return false
	}
	for s = s[1:]; ; {
		name, rest, ok := jsonString(s)
		if !ok || !strings.HasPrefix(rest, ":") {
			return false
		}
		i, encoded := column(name)
		if i < 0 || seen[i] {
			return false
		}
		seen[i] = true
		var value string
		if i == 0 {
			value, rest = number(rest[1:])
		} else if value, rest, ok = jsonString(rest[1:]); !ok {
			return false
		}
		if encoded {
			b, err := base64.StdEncoding.Strict().DecodeString(value)
			if err != nil || utf8.Valid(b) {
				return false
			}
			value = string(b)
		}
		j.fields[i] = value
		switch {
		case rest == "}":
			return true
		case strings.HasPrefix(rest, ","):
			s = rest[1:]
		default:
			return false
		}
	}
}

// column returns the index of a column by its name, or -1.
func column(name string) (int, bool) {
	for i, c := range Columns() {
		if c == name {
			return i, false
		}
		if i >= 2 && i < columns-2 && strings.TrimSuffix(name, encodedSuffix) == c {
			return i, true
		}
	}
	return -1, false
}

func number(s string) (string, string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// jsonString takes a JSON string from the beginning of s.
func jsonString(s string) (value, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	escaped := false
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			escaped = true
			i++
		case s[i] < ' ':
			return "", "", false
		case s[i] == '"':
			if !utf8.ValidString(s[1:i]) {
				return "", "", false
			}
			if !escaped {
				return s[1:i], s[i+1:], true
			}
			// A lone surrogate becomes U+FFFD here; the hash then shows it.
			if json.Unmarshal([]byte(s[:i+1]), &value) != nil {
				return "", "", false
			}
			return value, s[i+1:], true
		}
	}
	return "", "", false
}
