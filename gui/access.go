package gui

import (
	"fyne.io/fyne/v2"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/gui/part"
)

type access struct{ kit Kit }

func newAccess(k Kit) Screen { return &access{kit: k} }

func (s *access) Title() string              { return s.kit.Text.T("page.access") }
func (s *access) Content() fyne.CanvasObject { return part.Skeleton(6) }
func (s *access) Update([]core.Topic)        {}
