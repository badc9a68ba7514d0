// Package audit writes the audit log to files and reads and verifies them
// again, without a store and without a server: what an auditor carries away
// can be checked on any machine that has this program.
//
// It knows two formats. Both hold every field that is hashed, the link to the
// entry before and the entry's own hash, so that a file proves itself:
//
//   - CSV (RFC 4180, UTF-8, CRLF), safe to open in a spreadsheet;
//   - JSON Lines, one flat object on each line.
//
// It never holds more than one entry and one buffer in memory, and it decides
// nothing about who may export. Read Writer, Reader and Verify, in that order.
package audit

import (
	"bufio"
	"io"
	"strconv"

	"github.com/stint-pim/stint/core"
)

// Columns are the names of what a record holds, in the order of CSV: seq,
// time, the hashed fields of core.FieldNames, prev, hash.
func Columns() [columns]string {
	var c [columns]string
	c[0], c[1] = "seq", "time"
	for i, n := range core.FieldNames() {
		c[2+i] = n
	}
	c[columns-2], c[columns-1] = "prev", "hash"
	return c
}

const (
	columns = 23
	// maxRecord bounds one record in bytes. The longest honest entry is far
	// below: its longest field is the evidence of a grant, some 2 KiB.
	maxRecord = 1 << 20
	// bufferSize is what is collected before it goes to the file.
	bufferSize = 128 << 10
	// timeLayout is RFC 3339 in UTC with microseconds, which is what is hashed.
	timeLayout = "2006-01-02T15:04:05.000000Z"
)

// Writer writes entries to a file. It buffers; what is not flushed is lost.
// It is not safe for concurrent use.
type Writer interface {
	// Write adds one entry. It keeps no reference to e.
	Write(e *core.Entry) error
	// Flush writes out what is buffered. It does not close the file.
	Flush() error
}

// NewWriter returns a writer of the format. The error is of code Invalid if
// there is no such format.
func NewWriter(w io.Writer, format core.ExportFormat) (Writer, error) {
	switch format {
	case core.ExportCSV:
		return newCSVWriter(w), nil
	case core.ExportJSONL:
		return newJSONLWriter(w), nil
	}
	return nil, core.Errorf(core.Invalid, "format", "audit.format", "format", core.Clip(string(format), 40))
}

// Reader reads entries from a file that somebody may have tampered with.
type Reader interface {
	// Read fills e with the next entry, or returns io.EOF. Any other error is
	// a *core.Error of code Invalid that names the line.
	Read(e *core.Entry) error
	// Line is the number of the line on which the last entry began, from 1.
	Line() int64
}

// NewReader returns a reader of the format. For an empty format it looks at
// the first byte: "{" begins JSON Lines, anything else is taken for CSV.
func NewReader(r io.Reader, format core.ExportFormat) (Reader, error) {
	buf := bufio.NewReaderSize(r, bufferSize)
	if format == "" {
		format = core.ExportCSV
		if first, err := buf.Peek(1); err == nil && first[0] == '{' {
			format = core.ExportJSONL
		}
	}
	switch format {
	case core.ExportCSV:
		return &csvReader{lines: lines{in: buf}}, nil
	case core.ExportJSONL:
		return &jsonlReader{lines: lines{in: buf}}, nil
	}
	return nil, core.Errorf(core.Invalid, "format", "audit.format", "format", core.Clip(string(format), 40))
}

// malformed says that a line is not what an export holds. It never shows the
// line itself: a hostile file should not speak through our messages.
func malformed(line int64, key core.TextKey, args ...string) error {
	return core.Errorf(core.Invalid, "file", key, append([]string{"line", strconv.FormatInt(line, 10)}, args...)...)
}

// lines reads a file piece by piece and counts its lines.
type lines struct {
	in    *bufio.Reader
	line  int64 // of the record's first line, from 1
	ended int64 // line feeds read so far
	buf   []byte
}

func (l *lines) Line() int64 { return l.line }

// more appends the file up to and with the next line feed to the record. At
// the end of the file it appends what is left; io.EOF means that there was
// nothing.
func (l *lines) more() error {
	had := len(l.buf)
	for {
		piece, err := l.in.ReadSlice('\n')
		l.buf = append(l.buf, piece...)
		if len(l.buf) > maxRecord {
			return malformed(l.line, "audit.line_too_long")
		}
		switch err {
		case nil:
			l.ended++
			return nil
		case bufio.ErrBufferFull:
		case io.EOF:
			if len(l.buf) == had {
				return io.EOF
			}
			return nil
		default:
			return core.Wrap(core.Unavailable, "audit.read", err)
		}
	}
}

// begin starts a new record.
func (l *lines) begin() {
	l.buf = l.buf[:0]
	l.line = l.ended + 1
}
