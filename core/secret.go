package core

import "log/slog"

// Secret carries a password, a code or a key through the program. It prints,
// logs and marshals as "(secret)", so that no log line, error or audit entry
// can hold one by accident; Reveal is the only way to its text.
type Secret struct{ text string }

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text. Call it as late as possible and keep no copy.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == "" }

const veiled = "(secret)"

func (s Secret) String() string               { return veiled }
func (s Secret) GoString() string             { return veiled }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(veiled) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(veiled), nil }

// UnmarshalText takes the text as it comes: a client sends a secret in a
// request's body, and core/api/client has its own way to write it.
func (s *Secret) UnmarshalText(b []byte) error { s.text = string(b); return nil }
