// Package gen holds the queries of storage/queries as Go functions. All but
// this file is written by sqlc; edit the queries, not the functions, and
// generate again as storage/doc.go says. It knows no thing of core.
package gen
