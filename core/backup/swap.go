package backup

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/stint-pim/stint/core"
	"github.com/stint-pim/stint/core/failpoint"
)

// A restored store takes the place of another in two steps. First everything
// is made ready in a staging folder beside it, where it can be judged and
// thrown away. Then Commit writes down what is to be moved, and moves it. The
// writing is the moment of truth: a crash before it leaves the old store and a
// folder that Sweep removes; a crash after it leaves the list, and Finish,
// which every start calls first, moves the rest. Nothing is ever deleted that
// belonged to the old store.
const (
	stagingPrefix = ".restore-"    // of folders that hold a store in the making
	listName      = "stint.moving" // the list of what is to be moved
	asidePrefix   = "before-restore-"
	stagedKey     = ".restored" // ends the name of a key in the making that lies elsewhere
)

// Swap is one store taking the place of another.
type Swap struct {
	dir     string // of the store
	Staging string // folder for the new one; readable by its owner alone
}

// move says that New takes the place of Place, and what stood there goes to
// Aside. Empty New: it is only taken away.
type move struct {
	New   string `json:"new,omitempty"`
	Place string `json:"place"`
	Aside string `json:"aside"`
}

// Stage makes a folder for a new store in dir. The caller holds the store.
func Stage(dir string) (*Swap, error) {
	s := &Swap{dir: dir, Staging: filepath.Join(dir, stagingPrefix+strings.ToLower(rand.Text()[:8]))}
	if err := os.Mkdir(s.Staging, 0o700); err != nil {
		return nil, core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	return s, nil
}

// Drop throws the staging folder away, unless it is what Finish has to move.
func (s *Swap) Drop() error {
	if exists(filepath.Join(s.dir, listName)) {
		return nil
	}
	return os.RemoveAll(s.Staging)
}

// Placing is what Commit puts where.
type Placing struct {
	Database string // where the database lies
	Key      string // where its key is to lie; empty: the present one fits
	KeyText  core.Secret
	Stamp    string // names the folder of what was there, such as "2026-11-25-160000"
}

// Commit puts the database in the staging folder, of the same name, and its
// key in their places, and returns the folder into which what stood there was
// moved, or "" where nothing did. After an error either nothing was moved, or
// the next Finish moves what is left.
func (s *Swap) Commit(p Placing) (aside string, err error) {
	fail := func(err error) (string, error) {
		var known *core.Error
		if errors.As(err, &known) {
			return "", err
		}
		return "", core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	name := filepath.Base(p.Database)
	aside = filepath.Join(s.dir, asidePrefix+p.Stamp)
	moves := []move{
		// What was written last of the old database is in its WAL. It goes first
		// in the list and is not left for a moment beside the new one, which
		// SQLite would take it for a part of.
		{Place: p.Database + "-wal", Aside: filepath.Join(aside, name+"-wal")},
		{Place: p.Database + "-shm", Aside: filepath.Join(aside, name+"-shm")},
		{Place: p.Database + ".head", Aside: filepath.Join(aside, name+".head")}, // how far that one's log had come
	}
	if p.Key != "" {
		staged, old := filepath.Join(s.Staging, keyName), filepath.Join(aside, keyName)
		if filepath.Dir(p.Key) != s.dir { // beside its place, which may be on another disk
			staged, old = p.Key+stagedKey, p.Key+"."+asidePrefix+p.Stamp
		}
		if err := writeDurable(staged, p.KeyText.Reveal()+"\n"); err != nil {
			return fail(err)
		}
		moves = append(moves, move{New: staged, Place: p.Key, Aside: old})
	}
	moves = append(moves, move{New: filepath.Join(s.Staging, name), Place: p.Database, Aside: filepath.Join(aside, name)})
	if err := errors.Join(syncFile(moves[len(moves)-1].New), syncDir(s.Staging)); err != nil {
		return fail(err)
	}
	if slices.ContainsFunc(moves, func(m move) bool { return exists(m.Place) }) {
		if err := os.Mkdir(aside, 0o700); err != nil {
			return fail(err)
		}
	} else {
		aside = ""
	}
	text, err := json.MarshalIndent(moves, "", "  ")
	if err != nil {
		return fail(err)
	}
	if err := failpoint.Err("backup.list"); err != nil {
		return fail(err)
	}
	if err := writeDurable(filepath.Join(s.dir, listName), string(text)+"\n"); err != nil {
		return fail(err)
	}
	if err := finish(s.dir); err != nil {
		return fail(err)
	}
	return aside, nil
}

// Finish ends a swap in dir that was cut off, and removes what one that never
// came to its commit left behind. keyFile is where the key lies if not in dir.
// The caller holds the store. It reports whether there was one to end.
func Finish(dir, keyFile string) (ended bool, err error) {
	ended = exists(filepath.Join(dir, listName))
	if ended {
		if err := finish(dir); err != nil {
			return true, core.Wrap(core.Unavailable, "backup.unfinished", err, "path", dir)
		}
	}
	return ended, sweep(dir, keyFile)
}

// finish moves what is left to move. Each step looks at what is there, so that
// it can be begun again any number of times: a place holds the old as long as
// the new still waits for it.
func finish(dir string) error {
	list := filepath.Join(dir, listName)
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var moves []move
	if err := json.Unmarshal(text, &moves); err != nil {
		return err
	}
	if len(moves) == 0 {
		return errors.New("an empty list")
	}
	last := moves[len(moves)-1]
	if exists(last.New) { // else the database is in its place, and so is all before it
		for _, m := range moves {
			if err := m.do(); err != nil {
				return err
			}
		}
	}
	if err := failpoint.Err("backup.unlist"); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(list), syncDir(dir)); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Dir(last.New))
}

func (m move) do() error {
	if m.New != "" && !exists(m.New) {
		return nil // done before
	}
	if exists(m.Place) {
		if err := failpoint.Err("backup.aside"); err != nil {
			return err
		}
		if err := rename(m.Place, m.Aside); err != nil {
			return err
		}
	}
	if m.New == "" {
		return nil
	}
	if err := failpoint.Err("backup.place"); err != nil {
		return err
	}
	return rename(m.New, m.Place)
}

// rename is durable in both folders, so that later steps can't overtake it.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(to)), syncDir(filepath.Dir(from)))
}

// sweep removes what was staged for a store that never took a place.
func sweep(dir, keyFile string) error {
	all, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return core.Wrap(core.Unavailable, "backup.unwritable", err)
	}
	var old []string
	for _, d := range all {
		if d.IsDir() && strings.HasPrefix(d.Name(), stagingPrefix) {
			old = append(old, filepath.Join(dir, d.Name()))
		}
	}
	if keyFile != "" {
		old = append(old, keyFile+stagedKey)
	}
	for _, path := range old {
		if err := os.RemoveAll(path); err != nil {
			return core.Wrap(core.Unavailable, "backup.unwritable", err)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// writeDurable makes a file that is there whole or not at all.
func writeDurable(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.WriteString(text); err != nil {
		return err
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return rename(f.Name(), path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes the names in a folder durable. Windows has no such call and
// keeps its folders' journal in order by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
