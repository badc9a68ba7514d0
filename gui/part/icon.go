package part

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/stint-pim/stint/resources"
)

// Icon is a line icon in a palette colour.
type Icon struct {
	widget.BaseWidget
	name   string
	colour fyne.ThemeColorName
	size   float32
	image  *canvas.Image
}

// NewIcon makes an icon, size pixels wide and high.
func NewIcon(name string, colour fyne.ThemeColorName, size float32) *Icon {
	i := &Icon{name: name, colour: colour, size: size, image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	i.ExtendBaseWidget(i)
	return i
}

// Set changes name and colour.
func (i *Icon) Set(name string, colour fyne.ThemeColorName) {
	if i.name == name && i.colour == colour {
		return
	}
	i.name, i.colour = name, colour
	i.Refresh()
}

func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	return draw(func(z fyne.Size) {
		place(i.image, middle(z.Width, i.size), middle(z.Height, i.size), i.size, i.size)
	}, func() fyne.Size { return fyne.NewSize(i.size, i.size) }, func() {
		setImage(i.image, IconResource(i.name, Colour(i.colour)))
	}, i.image)
}

// IconResource returns an icon in a colour. The toolkit's own recolouring
// knows fills only, these icons are strokes; so the colour is written into the
// picture and its name, by which the toolkit caches it.
func IconResource(name string, c color.Color) fyne.Resource {
	r, g, b, _ := c.RGBA()
	hex := fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)
	return fyne.NewStaticResource(name+"-"+hex[1:]+".svg",
		bytes.ReplaceAll(resources.Icon(name), []byte("currentColor"), []byte(hex)))
}

// setImage shows another picture; the toolkit reads a resource again only
// when the image itself is refreshed.
func setImage(i *canvas.Image, r fyne.Resource) {
	if i.Resource != nil && i.Resource.Name() == r.Name() {
		return
	}
	i.Resource = r
	i.Refresh()
}
