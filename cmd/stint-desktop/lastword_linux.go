package main

// #include <stdlib.h>
// extern void stintLastWord(void);
import "C"

import (
	"os"
	"sync/atomic"
)

// lastWord is what is done before C code ends the process; nil: nothing. It is
// global because C's exit knows no arguments.
var lastWord atomic.Pointer[func()]

// beforeExit lets f run when C code ends the process: that is what Xlib does
// when the X server goes away, be it a crash or a sign-out. Nothing of Go would
// run, and what was activated would stay on its systems without anybody left to
// end it (F26). f runs on the thread that ends, which paints no more; when it
// returns, the process ends with status 1.
func beforeExit(f func()) {
	if lastWord.Swap(&f) == nil {
		C.atexit((*[0]byte)(C.stintLastWord))
	}
}

//export stintLastWord
func stintLastWord() {
	if f := lastWord.Swap(nil); f != nil {
		(*f)()
	}
	os.Exit(1)
}
