// Package failpoint gives names to the steps at which a process may die or an
// operation may fail, so that a test can make it do so right there:
//
//	failpoint.Hit("engine.committed")
//	if err := failpoint.Err("storage.commit"); err != nil { … }
//
// Without the build tag "failpoints" both are empty, and the compiler leaves
// nothing of them in a program: no check, no name, no environment variable. It
// never decides anything, and no code may depend on a point being hit.
//
// A test arms a point of its own process with Arm. A process is told from
// outside what to do at its points by the environment variable that Variable
// names:
//
//	STINT_FAILPOINTS="engine.committed=kill@3,reconcile.applied=sleep:50ms"
//
// The actions are kill (as SIGKILL does: no deferred call, no goodbye), error
// (Err returns one) and sleep:TIME. "@3" is the third hit only; without it
// every hit counts. What can't be read ends the process with a panic: a test
// must not pass because its fault was misspelt.
//
// Read released.go (what is shipped), then armed.go.
package failpoint

// Names are a room and what has just been reached: "engine.committed",
// "reconcile.apply". A point before a step has the step's verb, one after it
// the past tense.
