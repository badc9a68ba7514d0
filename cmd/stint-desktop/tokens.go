package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/stint-pim/stint/core"
)

// tokens keeps the session's token in a file that only its owner can read; for
// the sample it knows another one. It is safe for concurrent use.
type tokens struct {
	mu     sync.Mutex
	path   string
	sample *core.Secret // while sample data is looked at. guarded by mu
}

func newTokens(dir string) *tokens { return &tokens{path: filepath.Join(dir, "window.token")} }

// Load see gui.Tokens.
func (t *tokens) Load() (core.Secret, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sample != nil {
		return *t.sample, nil
	}
	b, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return core.Secret{}, nil
	}
	return core.NewSecret(strings.TrimSpace(string(b))), err
}

// Save see gui.Tokens.
func (t *tokens) Save(token core.Secret) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sample != nil {
		t.sample = &token
		return nil
	}
	if token.Empty() {
		if err := os.Remove(t.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(t.path, []byte(token.Reveal()+"\n"), 0o600)
}

func (t *tokens) use(sample *core.Secret) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sample = sample
}
