// Package apitest holds what tests of the API share: a suite that drives any
// core.Gate the same way, whether it is the engine itself or a client of a
// server of it (Run); a gate that records what it is asked (Recorder); and a
// server in memory (Over).
package apitest
