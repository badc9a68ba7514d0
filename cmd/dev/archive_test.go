package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestArchivesHoldTheirFilesAndAreTheSameTwice(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"stint": "program", "LICENSE": "words"})
	files := []packed{{filepath.Join(dir, "stint"), "s/stint", 0o755}, {filepath.Join(dir, "LICENSE"), "s/LICENSE", 0o644}}
	for _, c := range []struct {
		name  string
		write func(string, []packed) error
		read  func(*testing.T, string) map[string]string
	}{{"a.tar.gz", writeTar, readTar}, {"a.zip", writeZip, readZip}} {
		to := filepath.Join(dir, c.name)
		if err := c.write(to, files); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"s/stint -rwxr-xr-x": "program", "s/LICENSE -rw-r--r--": "words"}
		if d := cmp.Diff(want, c.read(t, to)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		first, _ := os.ReadFile(to)
		if err := os.Chtimes(files[0].from, time.Time{}, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if err := c.write(to, files); err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(to); !slices.Equal(first, again) {
			t.Errorf("%s differs the second time", c.name)
		}
		gone := filepath.Join(dir, "gone-"+c.name)
		if err := c.write(gone, []packed{{from: filepath.Join(dir, "none")}}); err == nil {
			t.Errorf("%s of a missing file", c.name)
		}
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("half an archive stayed: %v", err)
		}
	}
}

func readTar(t *testing.T, path string) map[string]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for tr := tar.NewReader(zr); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name+" "+h.FileInfo().Mode().String()] = string(text)
	}
}

func readZip(t *testing.T, path string) map[string]string {
	zr, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	got := map[string]string{}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name+" "+f.Mode().String()] = string(text)
	}
	return got
}
