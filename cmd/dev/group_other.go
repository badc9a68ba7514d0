//go:build !unix

package main

import "os/exec"

// Groups are only used with Xvfb, which these systems don't have.

func asGroup(*exec.Cmd)  {}
func endGroup(*exec.Cmd) {}
