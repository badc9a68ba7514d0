// Command hello is the smallest window of the same toolkit, what the real
// window is measured against: a label and a button, or a table of 100,000 rows.
package main

import (
	"os"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

func main() {
	a := app.NewWithID("example.stint.hello")
	w := a.NewWindow("Hello")
	w.SetContent(container.NewVBox(widget.NewLabel("Hello"), widget.NewButton("Activate", func() {})))
	if len(os.Args) > 1 && os.Args[1] == "table" {
		const rows, columns = 100_000, 8
		text := func(i widget.TableCellID) string {
			return "row " + strconv.Itoa(i.Row) + " column " + strconv.Itoa(i.Col)
		}
		w.SetContent(widget.NewTable(func() (int, int) { return rows, columns },
			func() fyne.CanvasObject { return widget.NewLabel("row 00000 column 0") },
			func(i widget.TableCellID, o fyne.CanvasObject) { o.(*widget.Label).SetText(text(i)) }))
	}
	w.Resize(fyne.NewSize(1180, 760))
	w.ShowAndRun()
}
