package storage

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A list is read through one or more branches: sets of conditions that, but for
// lists that say so, no row fulfils twice, each of which an index serves in the list's own order. Every
// branch gives at most a page, and the database merges them. So the cost of a
// page doesn't grow with the length of the list, and no engine has to guess
// the right plan for a disjunction.

// where collects conditions joined by AND, and their parameters.
type where struct {
	conds []string
	args  []any
}

// arg adds a parameter and returns its place, $1, $2…
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// is adds "column op parameter". column and op are constants of this package.
func (w *where) is(column, op string, v any) { w.conds = append(w.conds, column+" "+op+" "+w.arg(v)) }

// raw adds a condition without parameters.
func (w *where) raw(cond string) { w.conds = append(w.conds, cond) }

// in adds "column IN (…)"; no values means that no row fits.
func (w *where) in(column string, vs []string) {
	switch len(vs) {
	case 0:
		w.raw("1 = 0")
	case 1:
		w.is(column, "=", vs[0])
	default:
		w.conds = append(w.conds, column+" IN ("+w.list(vs)+")")
	}
}

func (w *where) list(vs []string) string {
	places := make([]string, len(vs))
	for i, v := range vs {
		places[i] = w.arg(v)
	}
	return strings.Join(places, ", ")
}

// like returns "column LIKE parameter" for a folded text to look for.
func (w *where) like(column, folded string) string {
	return column + " LIKE " + w.arg(pattern(folded)) + ` ESCAPE '\'`
}

func (w *where) sql() string {
	if len(w.conds) == 0 {
		return "1 = 1"
	}
	return strings.Join(w.conds, " AND ")
}

var escaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// pattern matches any text that holds s, in which nothing has a special meaning.
func pattern(s string) string { return "%" + escaper.Replace(s) + "%" }

// branch is one of the queries that a list is merged from. Texts of from and
// of where are constants of this package.
type branch struct {
	from func(*where) string
	add  func(*where)
}

// table is the from of a branch without parameters.
func table(s string) func(*where) string { return func(*where) string { return s } }

// list is a query in branches.
type list struct {
	columns string
	inner   string // order within a branch, by columns of its from; empty: none
	order   string // the same by columns of the result
	limit   int
	// overlap says that a row may fulfil several branches. Each branch gives its
	// first rows, so the first of all are among them.
	overlap bool
}

// sql joins the branches.
func (l list) sql(w *where, branches []branch) string {
	parts := make([]string, len(branches))
	for i, b := range branches {
		w.conds = nil
		from := b.from(w)
		b.add(w)
		parts[i] = "SELECT " + l.columns + " FROM " + from + " WHERE " + w.sql()
		if l.inner != "" {
			parts[i] += " ORDER BY " + l.inner
		}
		parts[i] += " LIMIT " + w.arg(l.limit)
	}
	if len(branches) == 1 {
		return parts[0]
	}
	union := " UNION ALL "
	if l.overlap {
		union = " UNION "
	}
	var b strings.Builder
	b.WriteString("SELECT * FROM (")
	for i, p := range parts {
		if i > 0 {
			b.WriteString(union)
		}
		b.WriteString("SELECT * FROM (" + p + ") AS b" + strconv.Itoa(i))
	}
	b.WriteString(") AS u")
	if l.order != "" {
		b.WriteString(" ORDER BY " + l.order)
	}
	b.WriteString(" LIMIT " + w.arg(l.limit))
	return b.String()
}

// rows runs a query and turns each row into a T.
func rows[T any](ctx context.Context, tx *sql.Tx, query string, args []any, one func(*sql.Rows) (T, error)) ([]T, error) {
	rs, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scan(rs, one)
}

func scan[T any](rs *sql.Rows, one func(*sql.Rows) (T, error)) (out []T, err error) {
	defer func() { _ = rs.Close() }() // its error is that of Err
	for rs.Next() {
		t, err := one(rs)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rs.Err()
}

func distinct[T comparable](vs []T) []T {
	var out []T
	for _, v := range vs {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func texts[T ~string](vs []T) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = string(v)
	}
	return out
}

// bound makes a limit fit for the database; a negative one is none at all.
func bound(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }

func compareTimeID[ID ~string](a, b time.Time, ai, bi ID) int {
	return cmp.Or(a.Compare(b), cmp.Compare(ai, bi))
}

// firstBy sorts ts and returns the first n.
func firstBy[T any](ts []T, n int, by func(a, b T) int) []T {
	slices.SortFunc(ts, by)
	return ts[:min(max(n, 0), len(ts))]
}
