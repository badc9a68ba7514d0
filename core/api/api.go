// Package api is what client and server agree on: paths, headers, the bodies
// that differ from the types of core, and the table of codes, HTTP statuses
// and exit statuses. It does nothing by itself.
//
// Everything that has JSON names in core travels as it is. Own types stand
// here only where a secret must really be sent (core.Secret writes itself as
// "(secret)") and where core uses no JSON.
//
// Read code.go and problem.go for errors, secret.go for secrets, then
// server/server.go and client/client.go.
package api

import (
	"time"
)

// Version is the version of the API that the paths carry. Within it fields
// are only added.
const Version = "1"

// Headers beside those of HTTP.
const (
	// HeaderCode carries the fresh code of a command (core.Call.Code).
	HeaderCode = "Stint-Code"
	// HeaderKey is the idempotency key of a command (core.Call.Key).
	HeaderKey = "Idempotency-Key"
	// HeaderFrom says which program asks: FromWindow or FromCommandLine. It is
	// believed only from peers on this machine, and only one of these two.
	HeaderFrom = "Stint-From"
	// HeaderLocal proves on a loopback listener that the client may read the
	// server's token file, where there are no Unix sockets.
	HeaderLocal = "Stint-Local"
	// HeaderRequest is the number of a request in the server's log.
	HeaderRequest = "Stint-Request"
	// HeaderTotal is how many entries an export will hold.
	HeaderTotal = "Stint-Total"
	// TrailerProblem is the problem that ended a stream before its end, in
	// JSON. A client that does not announce that it reads trailers gets the
	// connection broken off instead, so that half a file never looks whole.
	TrailerProblem = "Stint-Problem"
)

// Where a session comes from (core.Session.From). Others are addresses.
const (
	FromWindow      = "window"
	FromCommandLine = "command line"
	FromSocket      = "socket" // a peer on this machine that says nothing better
)

// Limits, the same for every listener.
const (
	MaxBody   = 1 << 20          // bytes of a request's body
	Heartbeat = 15 * time.Second // between signs of life of /v1/changes
)

// BackupType is the media type of a backup.
const BackupType = "application/octet-stream"

// Paths that are no typed list of reads; see the document at PathDocument.
const (
	PathDocument = "/openapi.json"
	PathGate     = "/v1/gate"
	// PathCasePages leads to pages for browsers, each with the identifier of a request.
	PathCasePages = "/cases"
	PathSetUp     = "/v1/setup"
	PathSessions  = "/v1/sessions"
	PathSession   = "/v1/sessions/current"
	PathCommands  = "/v1/commands/" // and a verb
	PathPreviews  = "/v1/previews/" // and a verb

	PathMe          = "/v1/me"
	PathAccess      = "/v1/access"
	PathReasons     = "/v1/reasons"
	PathAssignments = "/v1/assignments"
	PathCount       = "/v1/assignments/count"
	PathRoles       = "/v1/roles"
	PathPolicies    = "/v1/policies"
	PathPolicyFile  = "/v1/policy-file"
	PathPolicyPlan  = "/v1/policy-file/plan"
	PathPolicyEdit  = "/v1/policy-edits/plan"
	PathPeople      = "/v1/people"
	PathApprovers   = "/v1/approvers"
	PathGroups      = "/v1/groups"
	PathSystems     = "/v1/systems"
	PathDrift       = "/v1/drift" // and a system
	PathRequests    = "/v1/requests"
	PathCases       = "/v1/cases"
	PathDeputies    = "/v1/deputies"
	PathEntries     = "/v1/entries"
	PathStories     = "/v1/stories"
	PathSettings    = "/v1/settings"
	PathKinds       = "/v1/kinds"
	PathProbes      = "/v1/probes"
	PathMailTests   = "/v1/mail-tests"
	PathMailPreview = "/v1/mail-previews"
	PathExport      = "/v1/audit/export"
	PathVerify      = "/v1/audit/verify"
	PathBackups     = "/v1/backups"
	PathPassword    = "/v1/me/password"
	PathFactor      = "/v1/me/factor"
	PathConfirm     = "/v1/me/factor/confirmation"
	PathRecovery    = "/v1/me/recovery-codes"
	PathUnlock      = "/v1/me/unlock"
	PathChanges     = "/v1/changes"
)
