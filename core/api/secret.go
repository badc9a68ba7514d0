package api

import "github.com/stint-pim/stint/core"

// The types of this file carry secrets in clear over a connection that is
// either local or protected by TLS. A client makes one at the last moment and
// drops it after sending; nothing but the body of one request or one answer
// may hold them. They print as "(secret)" by accident nowhere, because nobody
// but client and server handles them: neither logs bodies.

// SetUp is the body of PathSetUp.
type SetUp struct {
	FullName     string `json:"name"`
	Login        string `json:"login"`
	Mail         string `json:"mail"`
	Language     string `json:"language,omitempty"`
	Password     string `json:"password"`
	Organisation string `json:"organisation,omitempty"`
}

// SignIn is the body of PathSessions.
type SignIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty" doc:"Six digits of the second factor, or a recovery code."`
	Device   string `json:"device,omitempty" maxLength:"500" doc:"What the last answer to a sign-in on this device said."`
}

// Admission is the answer to SetUp and SignIn.
type Admission struct {
	Token              string       `json:"token" doc:"Send it as Authorization: Bearer."`
	Session            core.Session `json:"session"`
	MustChangePassword bool         `json:"must_change_password"`
	MustEnrol          bool         `json:"must_enrol"`
	Device             string       `json:"device,omitempty" doc:"Keep it and send it with the next sign-in: it shows that this device is known, and lets nobody in."`
}

// PasswordChange is the body of PathPassword.
type PasswordChange struct {
	Present string `json:"present"`
	Next    string `json:"next"`
}

// Code is the body of PathFactor, PathConfirm and PathRecovery.
type Code struct {
	Code string `json:"code,omitempty"`
}

// Backup is the body of PathBackups.
type Backup struct {
	Passphrase string `json:"passphrase" doc:"Seals the file. As strong as a password must be."`
}

// Unlock is the body of PathUnlock.
type Unlock struct {
	Password string `json:"password"`
}

// FactorOffer is the answer to PathFactor.
type FactorOffer struct {
	Secret string `json:"secret" doc:"Base32, for typing."`
	URI    string `json:"uri" doc:"otpauth://…, for a QR code."`
}

// RecoveryCodes are shown once.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}

// ProbeRequest is the body of PathProbes as the server reads it.
type ProbeRequest struct {
	ID   core.SystemID   `json:"id,omitempty" doc:"A system whose stored credential is used if the secret is empty."`
	Spec core.SystemSpec `json:"spec"`
}

// MailTest is the body of PathMailTests as the server reads it.
type MailTest struct {
	Settings core.MailSettings `json:"settings"`
	Password core.Secret       `json:"password"`
	To       string            `json:"to"`
	Sample   core.MailSample   `json:"sample,omitzero"`
}

// PolicyFile is a file of settings on its way.
type PolicyFile struct {
	File  string `json:"file"`
	Prune bool   `json:"prune,omitempty"` // of a plan: settings at levels that don't stand in it are taken back
}

// SystemSpec is a core.SystemSpec with its secret in clear.
type SystemSpec struct {
	Name     string            `json:"name"`
	Kind     core.Kind         `json:"kind"`
	Settings map[string]string `json:"settings"`
	Secret   string            `json:"secret"`
}

type addSystem struct {
	SystemSpec
	Roles []core.NewRole `json:"roles"`
}

type updateSystem struct {
	System core.SystemID `json:"system"`
	SystemSpec
}

type changeSettings struct {
	Settings     core.Settings `json:"settings"`
	MailPassword string        `json:"mail_password"`
}

type probe struct {
	ID   core.SystemID `json:"id,omitempty"`
	Spec SystemSpec    `json:"spec"`
}

type mailTest struct {
	Settings core.MailSettings `json:"settings"`
	Password string            `json:"password"`
	To       string            `json:"to"`
	Sample   core.MailSample   `json:"sample,omitzero"`
}

func clearSpec(s core.SystemSpec) SystemSpec {
	w := SystemSpec{Name: s.Name, Kind: s.Kind, Settings: s.Settings, Secret: s.Secret.Reveal()}
	if w.Settings == nil {
		w.Settings = map[string]string{} // null is no object
	}
	return w
}

// Wire returns what a client sends for a command: the command itself, or the
// same with its secrets in clear.
func Wire(c core.Command) any {
	switch c := c.(type) {
	case core.AddSystem:
		return addSystem{clearSpec(c.SystemSpec), c.Roles}
	case core.UpdateSystem:
		return updateSystem{c.System, clearSpec(c.SystemSpec)}
	case core.ChangeSettings:
		return changeSettings{c.Settings, c.MailPassword.Reveal()}
	}
	return c
}

// WireProbe returns the body of PathProbes that a client sends.
func WireProbe(id core.SystemID, spec core.SystemSpec) any { return probe{id, clearSpec(spec)} }

// WireMailTest returns the body of PathMailTests that a client sends.
func WireMailTest(s core.MailSettings, password core.Secret, to string, sample core.MailSample) any {
	return mailTest{s, password.Reveal(), to, sample}
}
