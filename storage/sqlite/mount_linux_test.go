package sqlite_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// F4: the power is cut under a process that lives on a real mount, somewhere
// between two of its calls, again and again. The disk starts empty, and each
// round goes on with what the last cut left, so that also making the file, and
// recovering it, is cut off. Whatever was acknowledged must be there.
//
// Against F3 it has the kernel between program and disk: what is written
// through a mapped page, or read back from what was never synced, counts, too.
func TestF04PowerCutOnAMount(t *testing.T) {
	rounds := 24
	if testing.Short() {
		rounds = 6
	}
	const seed = 4
	rnd := rand.New(rand.NewPCG(seed, seed))
	medium, acked, least := disk{}, 0, 0
	for round := range rounds {
		d := newLazyDisk(medium)
		where := d.mount(t)
		// The first rounds are cut while the file is being made.
		if round < rounds/4 {
			d.cutAfter(rnd.IntN(300))
		} else {
			d.cutAfter(1 + rnd.IntN(4000))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := acker{Path: filepath.Join(where, "stint.db"), N: -1, Note: 12}.command(ctx)
		out, _ := cmd.Output() // how it ends without its disk doesn't matter
		cancel()
		s := listen(bytes.NewReader(out))
		if s.some {
			acked, least = s.acked, least+1
		}
		if s.late {
			t.Errorf("seed %d, round %d: acknowledged behind a failure", seed, round)
		}
		var what string
		medium, what = d.left(rnd)
		dir := t.TempDir()
		for name, b := range medium {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := keeps(filepath.Join(dir, "stint.db"), acked); err != nil {
			t.Fatalf("seed %d, round %d, of what was not synced %s is kept, %d acknowledged: %v", seed, round, what, acked, err)
		}
	}
	t.Logf("%d rounds, %d of them acknowledged something, %d acknowledged", rounds, least, acked)
	if least < rounds/3 {
		t.Error("that is too few to say anything")
	}
}

// lazyDisk is a file system of one folder that keeps on its medium only what
// was synced: the rest is gone, or there in part, when its power is cut.
type lazyDisk struct {
	fs.Inode

	mu       sync.Mutex
	durable  disk            // on the medium. guarded by mu
	now      disk            // as programs see it. guarded by mu
	named    map[string]bool // files whose names are on the medium. guarded by mu
	unsynced []call          // what leads from the one to the other. guarded by mu
	calls    int             // that are still served before the power is cut; guarded by mu
	off      bool            // guarded by mu
}

func newLazyDisk(medium disk) *lazyDisk {
	d := &lazyDisk{durable: medium, now: medium.clone(), named: map[string]bool{}}
	for name := range medium {
		d.named[name] = true
	}
	return d
}

// mount mounts the disk until the test ends. A machine that has no such thing,
// or lets nobody mount, can't run this test.
func (d *lazyDisk) mount(t *testing.T) string {
	t.Helper()
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no file systems in user space here: %v", err)
	}
	_ = f.Close()
	where := t.TempDir()
	server, err := fs.Mount(where, d, &fs.Options{MountOptions: fuse.MountOptions{DirectMount: true, FsName: "lazy", Name: "lazy"}})
	if err != nil {
		t.Skipf("nobody may mount here: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return where
}

// cutAfter cuts the power after so many calls.
func (d *lazyDisk) cutAfter(calls int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = calls
}

// left returns what the cut left on the medium.
func (d *lazyDisk) left(rnd *rand.Rand) (disk, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	medium, what := d.durable.clone(), "nothing"
	kept := slices.Clone(d.unsynced)
	switch rnd.IntN(4) {
	case 0:
		kept = nil
	case 1:
		what = "everything"
	case 2:
		what = "a part"
		kept = slices.DeleteFunc(kept, func(call) bool { return rnd.IntN(2) == 0 })
	case 3:
		what = "all but a part of the last write"
		if n := len(kept); n > 0 && kept[n-1].kind == 'w' && len(kept[n-1].data) > 512 {
			kept[n-1].data = kept[n-1].data[:512*(1+rnd.IntN(len(kept[n-1].data)/512))]
		}
	}
	for _, c := range kept {
		medium.apply(c)
	}
	// What a file holds is of no use without its name in the folder.
	for _, c := range d.unsynced {
		if c.kind == 'c' && !d.named[c.path] && !slices.ContainsFunc(kept, func(k call) bool { return k.kind == 'c' && k.path == c.path }) {
			delete(medium, c.path)
		}
	}
	return medium, what
}

// serve does something on the disk, unless its power is cut.
func (d *lazyDisk) serve(do func()) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = d.off || d.calls == 0
	if d.off {
		return syscall.EIO
	}
	d.calls--
	do()
	return fs.OK
}

// change writes something that is not synced yet.
func (d *lazyDisk) change(c call) {
	d.now.apply(c)
	d.unsynced = append(d.unsynced, c)
}

// sync brings what concerns a file, or the folder's names, to the medium.
func (d *lazyDisk) sync(mine func(call) bool) {
	d.unsynced = slices.DeleteFunc(d.unsynced, func(c call) bool {
		if !mine(c) {
			return false
		}
		d.durable.apply(c)
		if isName(c) {
			d.named[c.path] = c.kind == 'c'
		}
		return true
	})
}

func isName(c call) bool { return c.kind == 'c' || c.kind == 'u' }

// OnAdd implements fs.NodeOnAdder.
func (d *lazyDisk) OnAdd(ctx context.Context) {
	for name := range d.now {
		d.AddChild(name, d.file(ctx, name), true)
	}
}

func (d *lazyDisk) file(ctx context.Context, name string) *fs.Inode {
	return d.NewPersistentInode(ctx, &lazyFile{disk: d, name: name}, fs.StableAttr{Mode: fuse.S_IFREG})
}

// Lookup implements fs.NodeLookuper.
func (d *lazyDisk) Lookup(_ context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	child := d.GetChild(name)
	if child == nil {
		return nil, syscall.ENOENT
	}
	return child, child.Operations().(*lazyFile).attributes(&out.Attr)
}

// Create implements fs.NodeCreater.
func (d *lazyDisk) Create(ctx context.Context, name string, _, _ uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	if e := d.serve(func() { d.change(call{kind: 'c', path: name}) }); e != fs.OK {
		return nil, nil, 0, e
	}
	child := d.file(ctx, name)
	d.AddChild(name, child, true)
	return child, nil, 0, child.Operations().(*lazyFile).attributes(&out.Attr)
}

// Unlink implements fs.NodeUnlinker.
func (d *lazyDisk) Unlink(_ context.Context, name string) syscall.Errno {
	return d.serve(func() {
		f := d.GetChild(name).Operations().(*lazyFile)
		f.rest = bytes.Clone(d.now[name])
		f.gone = true
		d.change(call{kind: 'u', path: name})
	})
}

// Fsync implements fs.NodeFsyncer for the folder.
func (d *lazyDisk) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	return d.serve(func() { d.sync(isName) })
}

// lazyFile is a file of a lazyDisk.
type lazyFile struct {
	fs.Inode
	disk *lazyDisk
	name string
	gone bool   // removed while somebody has it open. guarded by disk.mu
	rest []byte // what it holds from then on. guarded by disk.mu
}

func (f *lazyFile) content() []byte {
	if f.gone {
		return f.rest
	}
	return f.disk.now[f.name]
}

func (f *lazyFile) change(c call) {
	if !f.gone {
		f.disk.change(c)
		return
	}
	alone := disk{f.name: f.rest}
	alone.apply(c)
	f.rest = alone[f.name]
}

func (f *lazyFile) attributes(out *fuse.Attr) syscall.Errno {
	return f.disk.serve(func() {
		out.Mode, out.Size = fuse.S_IFREG|0o600, uint64(len(f.content()))
		out.Uid, out.Gid = uint32(os.Getuid()), uint32(os.Getgid())
	})
}

// Getattr implements fs.NodeGetattrer.
func (f *lazyFile) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	return f.attributes(&out.Attr)
}

// Setattr implements fs.NodeSetattrer.
func (f *lazyFile) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		if e := f.disk.serve(func() { f.change(call{kind: 't', path: f.name, at: int64(size)}) }); e != fs.OK {
			return e
		}
	}
	return f.attributes(&out.Attr)
}

// Open implements fs.NodeOpener.
func (f *lazyFile) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, f.disk.serve(func() {})
}

// Read implements fs.NodeReader.
func (f *lazyFile) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	var n int
	e := f.disk.serve(func() {
		if b := f.content(); off < int64(len(b)) {
			n = copy(dest, b[off:])
		}
	})
	return fuse.ReadResultData(dest[:n]), e
}

// Write implements fs.NodeWriter.
func (f *lazyFile) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	e := f.disk.serve(func() { f.change(call{kind: 'w', path: f.name, at: off, data: bytes.Clone(data)}) })
	return uint32(len(data)), e
}

// Fsync implements fs.NodeFsyncer.
func (f *lazyFile) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	return f.disk.serve(func() {
		if !f.gone {
			f.disk.sync(func(c call) bool { return c.path == f.name && !isName(c) })
		}
	})
}
