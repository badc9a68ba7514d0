//go:build !linux || !cgo

package main

// beforeExit is for Xlib, which ends the process by itself; nothing else does.
func beforeExit(func()) {}
