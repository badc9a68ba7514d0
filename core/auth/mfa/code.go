package mfa

import (
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/stint-pim/stint/core"
)

// Code returns what an authenticator with that secret shows at now, or "" for
// a secret that is none. It serves sample data and tests: nobody else has both
// halves.
func Code(secret core.Secret, now time.Time) string {
	code, err := hotp.GenerateCode(secret.Reveal(), uint64(now.Unix()/int64(Step/time.Second)))
	if err != nil {
		return ""
	}
	return code
}
