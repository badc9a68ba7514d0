// Package housebench measures the whole house on a real, durable PostgreSQL:
// from the request over HTTP to the privilege proven on the server, and from
// the end of a privilege to its removal. Beside every figure stands a floor,
// measured in the same run on the same server and disk: the smallest honest
// path that does the same work without policy, proof and error isolation.
//
// It holds nothing but benchmarks, and promises ratios, never milliseconds:
// those drift with the machine. Read world_test.go for what is measured on,
// floor_test.go for the floor, then the benchmarks by their numbers (B1 is
// BenchmarkB01Activation).
package housebench
