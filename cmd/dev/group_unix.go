//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// asGroup makes a program and all that it starts one group, so that endGroup
// reaches also what lost its parent.
func asGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
}

// endGroup ends what is left of a group. That nothing is left is the rule.
func endGroup(c *exec.Cmd) {
	if c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
}
