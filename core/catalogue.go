package core

import "maps"

// catalogue is the English text of every key: errors, notes, names of fields.
// A test holds the translations against it. Each part of the program has a map
// of its own, so that a text stands near those it is read with.
var catalogue = merged(ruleTexts, apiTexts, auditTexts, authTexts, storageTexts, connectorTexts, mailTexts, troubleTexts, backupTexts, lifeTexts, policyfileTexts)

func merged(parts ...map[TextKey]string) map[TextKey]string {
	all := map[TextKey]string{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}
