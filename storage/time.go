package storage

import "time"

// Times are stored as microseconds since 1970 in UTC, and the zero time as 0;
// so the very first microsecond of 1970 can't be stored, and nothing needs it.

func fromTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func toTime(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// entryTime reads the time of an audit entry, which is stored as it is, the
// zero time too, because it is hashed.
func entryTime(us int64) time.Time { return time.UnixMicro(us).UTC() }
