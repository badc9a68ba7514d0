package storagetest

import (
	"fmt"
	"time"
)

// OldRows are the statements that fill a store of the schema before assignments
// could go on (step 9), as the program of that day would have: what is assigned,
// what waits for approval, and what is over. Every engine takes them.
func OldRows(now time.Time) []string {
	micro := func(after time.Duration) int64 { return now.Add(after).UnixMicro() }
	const day = 24 * time.Hour
	out := []string{
		`INSERT INTO systems VALUES ('sy_db', 'db', 'db', 'sample', '{"as":"postgres"}', 'postgres', NULL, 'connected', 1, 0, 0, 0, '', '')`,
		`INSERT INTO policy_levels VALUES ('ro_dba', '{"require_approval":true,"approval_stages":[{"approvers":[{"person":"pe_bob"}],"quorum":1}]}', TRUE)`,
	}
	for _, r := range []string{"dba", "ops"} {
		out = append(out, fmt.Sprintf(`INSERT INTO roles VALUES ('ro_%[1]s', 'sy_db', '%[1]s', '%[1]s', '%[1]s', '', '%[1]s', FALSE, FALSE, FALSE)`, r))
	}
	for _, p := range []string{"ann", "bob", "cleo"} {
		out = append(out,
			fmt.Sprintf(`INSERT INTO people VALUES ('pe_%[1]s', '%[1]s', '%[1]s', '%[1]s', '%[1]s', '', '%[1]s', 'en', FALSE, 1)`, p),
			fmt.Sprintf(`INSERT INTO accounts VALUES ('pe_%[1]s', 'sy_db', '%[1]s')`, p),
			fmt.Sprintf(`INSERT INTO credentials VALUES ('pe_%[1]s', 'h', 1, FALSE, 0, 0, 0)`, p),
			fmt.Sprintf(`INSERT INTO factors VALUES ('pe_%[1]s', NULL, NULL, TRUE, 0, 0, 0, '[]')`, p))
	}
	assigned := func(id, person, role, system, kind, state string, end, ended int64) {
		out = append(out, fmt.Sprintf(`INSERT INTO assignments VALUES ('%s', 'pe_%s', '%s', '%s', '/', '%s', 'assigned', '', %d, %d, '%s', %t, %d, '', '', 'of old', '', '', %d)`,
			id, person, role, system, kind, micro(-60*day), end, state, state == "in_force", ended, micro(-60*day)))
	}
	assigned("as_soon", "ann", "ro_dba", "sy_db", "eligible", "in_force", micro(10*day), 0)
	assigned("as_far", "bob", "ro_dba", "sy_db", "eligible", "in_force", micro(100*day), 0)
	assigned("as_ops", "ann", "ro_ops", "sy_db", "eligible", "in_force", 0, 0)
	assigned("as_over", "bob", "ro_ops", "sy_db", "active", "expired", micro(-5*day), micro(-5*day))
	assigned("as_boss", "cleo", "ro_stint-global-administrator", "sy_stint", "active", "in_force", 0, 0)
	request := func(id, person, role, basis, status, approval string, made time.Duration) {
		due := int64(0)
		if status == "PendingApproval" {
			due = micro(day)
		}
		out = append(out, fmt.Sprintf(`INSERT INTO requests VALUES ('%[1]s', 'selfActivate', '%[2]s', 'pe_%[3]s', 'pe_%[3]s', '%[4]s', 'sy_db', '/', '', 0, 0, 'of old', '', '', 'window', %[5]d, 0, '%[6]s', %[7]d, '%[8]s', %[9]d)`,
			id, status, person, role, micro(made), basis, time.Hour, approval, due))
	}
	times := fmt.Sprintf(`"opened":"%s","limit":"%s","why":false`, now.Format(time.RFC3339), now.Add(day).Format(time.RFC3339))
	request("re_named", "ann", "ro_dba", "as_soon", "PendingApproval", `{"stages":[{"approvers":[{"person":"pe_bob"}],"quorum":1},{"approvers":[{"person":"pe_cleo"}],"quorum":1}],"stage":0,`+times+`}`, -3*time.Hour)
	request("re_standard", "bob", "ro_dba", "as_far", "PendingApproval", `{"stages":[{"quorum":1}],"stage":0,`+times+`}`, -2*time.Hour)
	request("re_escalated", "ann", "ro_ops", "as_ops", "PendingApproval", `{"stages":[{"approvers":[{"person":"pe_ann"}],"quorum":1},{"approvers":[{"role":"ro_dba"},{"person":"pe_bob"}],"quorum":1,"escalate_after":"PT5M","escalate_to":[{"person":"pe_cleo"}]}],"stage":1,"escalated":true,`+times+`}`, -time.Hour)
	request("re_done", "ann", "ro_dba", "as_soon", "Provisioned", "", -9*time.Hour)
	request("re_denied", "ann", "ro_dba", "as_soon", "Denied", `{"stages":[{"quorum":1}],"stage":0,`+times+`}`, -8*time.Hour)
	return out
}

// OldAsked is who waits for an answer in a store of OldRows: approver and request,
// in order.
func OldAsked() []string {
	return []string{
		"pe_bob re_escalated", "pe_bob re_named", "pe_cleo re_escalated", "ro_dba re_escalated",
		"ro_stint-global-administrator re_standard", "ro_stint-privileged-role-administrator re_standard",
	}
}
