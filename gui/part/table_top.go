package part

// AtTop reports whether the table shows its beginning. Rows read anew begin
// there, so a list that somebody is reading further down should not be read
// anew under his eyes.
func (t *Table[T]) AtTop() bool { return t.scroll.Offset.Y < t.spec.RowHigh }
