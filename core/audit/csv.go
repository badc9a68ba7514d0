package audit

import (
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stint-pim/stint/core"
)

// csvWriter appends to one buffer and uses no reflection: the export of a
// million entries is bound by the disk, not by us (performance.md, B10).
type csvWriter struct {
	w   io.Writer
	buf []byte
	err error
}

func newCSVWriter(w io.Writer) *csvWriter {
	c := &csvWriter{w: w, buf: make([]byte, 0, bufferSize+4096)}
	cols := Columns()
	c.buf = append(c.buf, strings.Join(cols[:], ",")...)
	c.buf = append(c.buf, '\r', '\n')
	return c
}

func (c *csvWriter) Write(e *core.Entry) error {
	if c.err != nil {
		return c.err
	}
	b := strconv.AppendInt(c.buf, e.Seq, 10)
	b = append(b, ',')
	b = appendTime(b, e.Time)
	for _, s := range e.Fields() {
		b = appendValue(append(b, ','), s)
	}
	b = appendHex(append(b, ','), e.Prev)
	b = appendHex(append(b, ','), e.Hash)
	c.buf = append(b, '\r', '\n')
	if len(c.buf) >= bufferSize {
		return c.Flush()
	}
	return nil
}

func (c *csvWriter) Flush() error {
	if c.err == nil && len(c.buf) > 0 {
		_, c.err = c.w.Write(c.buf)
		c.buf = c.buf[:0]
	}
	return c.err
}

// special holds the bytes for which a value must be quoted.
var special = [256]bool{',': true, '"': true, '\r': true, '\n': true}

// appendValue writes one field. A spreadsheet would run a value that begins
// with one of the characters of risky as a formula, so such a value gets an
// apostrophe in front; so does one that begins with an apostrophe, which makes
// the way back unambiguous: a reader takes one leading apostrophe away. Where
// lists are parted by semicolons, as in German, a spreadsheet also begins a new
// cell behind each, so that the same holds for what follows one.
func appendValue(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	guard := risky(s)
	if strings.IndexByte(s, ';') >= 0 {
		s = guardCells(s)
	}
	quote := s[0] == ' ' || s[len(s)-1] == ' '
	for i := 0; i < len(s) && !quote; i++ {
		quote = special[s[i]]
	}
	if !quote {
		if guard {
			b = append(b, '\'')
		}
		return append(b, s...)
	}
	b = append(b, '"')
	if guard {
		b = append(b, '\'')
	}
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			b = append(b, s...)
			return append(b, '"')
		}
		b = append(b, s[:i]...)
		b = append(b, '"', '"')
		s = s[i+1:]
	}
}

func guardCells(s string) string {
	cells := strings.Split(s, ";")
	for i, c := range cells[1:] {
		if c != "" && risky(c) {
			cells[i+1] = "'" + c
		}
	}
	return strings.Join(cells, ";")
}

// bare takes away what appendValue put in front.
func bare(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "'"), ";'", ";")
}

// risky reports whether a spreadsheet might take s for a formula (OWASP, "CSV
// Injection", which also names the full-width forms that some accept).
func risky(s string) bool {
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '\'':
		return true
	}
	if s[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r == '＝' || r == '＋' || r == '－' || r == '＠'
}

// appendTime writes t as timeLayout; time.AppendFormat costs three times as much.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, timeLayout)
	}
	hour, minute, sec := t.Clock()
	b = append(digits(b, year, 1000), '-')
	b = append(digits(b, int(month), 10), '-')
	b = append(digits(b, day, 10), 'T')
	b = append(digits(b, hour, 10), ':')
	b = append(digits(b, minute, 10), ':')
	b = append(digits(b, sec, 10), '.')
	return append(digits(b, t.Nanosecond()/1000, 100_000), 'Z')
}

func digits(b []byte, n, unit int) []byte {
	for ; unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return b
}

func appendHex(b []byte, h core.Hash) []byte {
	const hexits = "0123456789abcdef"
	for _, c := range h {
		b = append(b, hexits[c>>4], hexits[c&15])
	}
	return b
}

// csvReader reads what csvWriter wrote. The standard library's reader is no
// choice: it turns CRLF inside a value into LF, and the hash would not fit.
type csvReader struct {
	lines
	begun  bool
	fields [columns]string
}

func (c *csvReader) Read(e *core.Entry) error {
	if !c.begun {
		err := c.record()
		if err == io.EOF || core.CodeOf(err) == core.Invalid {
			return malformed(1, "audit.no_header")
		}
		if err != nil {
			return err
		}
		// A byte order mark is what a spreadsheet may have put in front.
		c.fields[0] = strings.TrimPrefix(c.fields[0], "\ufeff")
		if c.fields != Columns() {
			return malformed(1, "audit.no_header")
		}
		c.begun = true
	}
	if err := c.record(); err != nil {
		return err
	}
	for i := 2; i < columns-2; i++ {
		c.fields[i] = bare(c.fields[i])
	}
	return fill(e, c.line, &c.fields)
}

// record reads one record into fields.
func (c *csvReader) record() error {
	c.begin()
	if err := c.more(); err != nil {
		return err
	}
	pos, n := 0, 0
	for {
		value, next, err := c.value(pos)
		if err != nil {
			return err
		}
		if n == columns {
			return malformed(c.line, "audit.columns")
		}
		c.fields[n] = value
		n++
		rest := c.buf[next:]
		if len(rest) > 0 && rest[0] == ',' {
			pos = next + 1
			continue
		}
		if n != columns {
			return malformed(c.line, "audit.columns")
		}
		return nil
	}
}

// value reads the value at pos and returns where it ended: at a comma, or at
// the end of the record. A quoted value may go on over several lines.
func (c *csvReader) value(pos int) (string, int, error) {
	if pos >= len(c.buf) || c.buf[pos] != '"' {
		end := pos
		for end < len(c.buf) && !special[c.buf[end]] {
			end++
		}
		if end < len(c.buf) && c.buf[end] != ',' && !c.atEnd(end) {
			return "", 0, malformed(c.line, "audit.malformed")
		}
		return string(c.buf[pos:end]), end, nil
	}
	var value []byte
	from := pos + 1
	for i := from; ; i++ {
		if i == len(c.buf) {
			if err := c.more(); err == io.EOF {
				return "", 0, malformed(c.line, "audit.malformed") // the quote is never closed
			} else if err != nil {
				return "", 0, err
			}
		}
		if c.buf[i] != '"' {
			continue
		}
		value = append(value, c.buf[from:i]...)
		if i+1 < len(c.buf) && c.buf[i+1] == '"' {
			value = append(value, '"')
			i++
			from = i + 1
			continue
		}
		end := i + 1
		if end < len(c.buf) && c.buf[end] != ',' && !c.atEnd(end) {
			return "", 0, malformed(c.line, "audit.malformed")
		}
		return string(value), end, nil
	}
}

// atEnd reports whether the record ends at i: LF, CRLF, or nothing more.
func (c *csvReader) atEnd(i int) bool {
	rest := c.buf[i:]
	return len(rest) == 0 || string(rest) == "\n" || string(rest) == "\r\n"
}

// fill makes an entry of the texts of a record. Every text has one form alone,
// so that nothing in a file can be changed without being noticed.
func fill(e *core.Entry, line int64, f *[columns]string) error {
	seq, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil || seq < 1 || strconv.FormatInt(seq, 10) != f[0] {
		return malformed(line, "audit.field", "field", "seq")
	}
	at, err := time.Parse(timeLayout, f[1])
	if err != nil || len(f[1]) != len(timeLayout) {
		return malformed(line, "audit.field", "field", "time")
	}
	*e = core.Entry{Seq: seq, Time: at.UTC()}
	e.SetFields([19]string(f[2 : columns-2]))
	for i, h := range map[int]*core.Hash{columns - 2: &e.Prev, columns - 1: &e.Hash} {
		if err := h.UnmarshalText([]byte(f[i])); err != nil || h.String() != f[i] {
			return malformed(line, "audit.field", "field", Columns()[i])
		}
	}
	return nil
}
