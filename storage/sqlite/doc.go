// Package sqlite opens a storage.DB on a SQLite file.
//
// One process has the file at a time, guarded by a lock on <path>.lock that
// the system frees when the process ends, however it ends. Within it there is
// one writing connection (WAL, synchronous FULL: a commit that was answered
// survives a power cut) and four that only read.
//
// The file is plain SQLite. Copies are taken with the program stopped, or with
// SQLite's own backup; the files ending in -wal and -shm belong to it.
package sqlite
