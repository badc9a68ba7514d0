package desk

import (
	"context"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/stint-pim/stint/gui/model"
)

// Messages and their meanings (winuser.h, wtsapi32.h).
const (
	wmDestroy         = 0x0002
	wmClose           = 0x0010
	wmQueryEndSession = 0x0011
	wmEndSession      = 0x0016
	wmPowerBroadcast  = 0x0218
	wmSessionChange   = 0x02B1 // WM_WTSSESSION_CHANGE

	sessionLock  = 0x7
	suspend      = 0x4  // PBT_APMSUSPEND
	resumed      = 0x12 // PBT_APMRESUMEAUTOMATIC
	notifyWindow = 0    // DEVICE_NOTIFY_WINDOW_HANDLE
)

// Windows gives a program about two seconds before it sleeps, and five before
// it ends a session.
const (
	beforeSleep = 1800 * time.Millisecond
	beforeEnd   = 4 * time.Second
)

type windowClass struct {
	size, style                        uint32
	proc                               uintptr
	classExtra, windowExtra            int32
	instance, icon, cursor, background windows.Handle
	menu, name                         *uint16
	smallIcon                          windows.Handle
}

type message struct {
	window         windows.HWND
	message        uint32
	wParam, lParam uintptr
	time           uint32
	x, y           int32
	private        uint32
}

// follow makes a window that is never shown: Windows tells of sessions and sleep
// by messages, and sends those about sleep to windows of the top level only.
func follow(ctx context.Context, _ Options, tell func(model.DeskEvent)) {
	runtime.LockOSThread() // messages come to the thread that made the window
	defer runtime.UnlockOSThread()
	user, wts := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("wtsapi32.dll")
	call := func(dll *windows.LazyDLL, name string, args ...uintptr) uintptr {
		p := dll.NewProc(name)
		if p.Find() != nil {
			return 0 // a Windows without it notices less
		}
		r, _, _ := p.Call(args...)
		return r
	}
	wait := func(e model.DeskEvent, most time.Duration) {
		done := make(chan struct{})
		e.Done = sync.OnceFunc(func() { close(done) })
		tell(e)
		select {
		case <-done:
		case <-time.After(most):
		case <-ctx.Done():
		}
	}
	handle := func(window windows.HWND, msg uint32, w, l uintptr) uintptr {
		switch {
		case msg == wmSessionChange && w == sessionLock:
			tell(model.DeskEvent{Reason: "lock"})
		case msg == wmPowerBroadcast && w == suspend:
			wait(model.DeskEvent{Reason: "sleep"}, beforeSleep)
			return 1
		case msg == wmPowerBroadcast && w == resumed:
			tell(model.DeskEvent{Woke: true})
			return 1
		case msg == wmQueryEndSession:
			return 1
		case msg == wmEndSession && w != 0:
			wait(model.DeskEvent{Reason: "signout"}, beforeEnd)
			return 0
		case msg == wmDestroy:
			call(user, "PostQuitMessage", 0)
			return 0
		}
		return call(user, "DefWindowProcW", uintptr(window), uintptr(msg), w, l)
	}
	can := model.DeskCan{}
	name, err := windows.UTF16PtrFromString("StintDesk")
	if err != nil {
		panic(err) // the name stands above
	}
	class := windowClass{proc: windows.NewCallback(handle), name: name}
	class.size = uint32(unsafe.Sizeof(class))
	call(user, "RegisterClassExW", uintptr(unsafe.Pointer(&class)))
	window := call(user, "CreateWindowExW", 0, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if window == 0 {
		tell(model.DeskEvent{Can: &can})
		<-ctx.Done()
		return
	}
	can.SignOut = "Windows"
	if call(wts, "WTSRegisterSessionNotification", window, 0) != 0 { // of this session
		can.Lock = "Windows"
	}
	if call(user, "RegisterSuspendResumeNotification", window, notifyWindow) != 0 {
		can.Sleep = "Windows"
	}
	tell(model.DeskEvent{Can: &can})
	stop := context.AfterFunc(ctx, func() { call(user, "PostMessageW", window, wmClose, 0, 0) })
	defer stop()
	var m message
	for {
		switch r := int32(call(user, "GetMessageW", uintptr(unsafe.Pointer(&m)), 0, 0, 0)); {
		case r <= 0:
			return
		default:
			call(user, "TranslateMessage", uintptr(unsafe.Pointer(&m)))
			call(user, "DispatchMessageW", uintptr(unsafe.Pointer(&m)))
		}
	}
}
