package core

// lifeTexts are the sentences about assignments that end and go on.
var lifeTexts = map[TextKey]string{
	"decide.no_dates":    "Other dates can be chosen for an extension or a renewal only. This asks to activate a role; shorten it with a duration.",
	"decide.no_duration": "This asks for an end, not for a length. Choose another end instead.",
	"extend.activated":   "This was activated for a while; it is prolonged, or activated again. Only what an administrator assigned is extended or renewed.",
	"extend.earlier":     "The new end is not after the present one ({end}). To end it earlier, an administrator updates or removes it.",
	"extend.early":       "This can be extended from {opens} on, 14 days before its end ({end}). Until then an administrator can update its dates.",
	"extend.expired":     "This expired on {end}. It can be renewed until {closes}.",
	"extend.pending":     "You have asked for this already; the request waits for an answer until {until}. Take it back first if you want to ask differently.",
	"extend.start":       "This has been in force since {start} and goes on without a break. Only as the other type, or renewed after its end, it may begin later.",
	"extend.permanent":   "This has no end, so there is nothing to extend.",
	"extend.scheduled":   "This begins on {start}. Until then an administrator can update its dates.",
	"group.full":         "A group has at most {max} members. Make another group.",
	"group.given":        "{group} was given {max} roles already. Remove one first.",
	"group.member":       "{person} is in {group} already.",
	"group.no_member":    "One of these people is not in {group}.",
	"group.taken":        "There is a group called “{name}” already.",
	"group.through":      "This comes through the group {group}. Change what the group was given, or who is in it.",
	"group.unknown":      "There is no such group.",
	"renew.in_force":     "This is in force until {end}. Extend it instead.",
	"renew.late":         "This expired on {end} and could be renewed until {closed}. An administrator can assign the role anew.",
	"renew.removed":      "This was removed and did not expire, so it can't be renewed. An administrator can assign the role anew.",
}
