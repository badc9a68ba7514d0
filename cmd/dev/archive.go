package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// packed is one file of an archive.
type packed struct {
	from string
	as   string // path in the archive, with slashes
	mode fs.FileMode
}

// released is the time of every file in an archive: the same sources give the
// same bytes, whenever they are packed.
func released() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

// writeTar writes a .tar.gz. A failure leaves no file behind.
func writeTar(to string, files []packed) error {
	return writeArchive(to, func(w io.Writer) error {
		zw := gzip.NewWriter(w)
		tw := tar.NewWriter(zw)
		for _, f := range files {
			text, err := os.ReadFile(f.from)
			if err != nil {
				return err
			}
			head := tar.Header{Name: f.as, Mode: int64(f.mode), Size: int64(len(text)), ModTime: released()}
			if err := tw.WriteHeader(&head); err != nil {
				return err
			}
			if _, err := tw.Write(text); err != nil {
				return err
			}
		}
		return errors.Join(tw.Close(), zw.Close())
	})
}

// writeZip writes a .zip. A failure leaves no file behind.
func writeZip(to string, files []packed) error {
	return writeArchive(to, func(w io.Writer) error {
		zw := zip.NewWriter(w)
		for _, f := range files {
			text, err := os.ReadFile(f.from)
			if err != nil {
				return err
			}
			head := zip.FileHeader{Name: f.as, Method: zip.Deflate, Modified: released()}
			head.SetMode(f.mode)
			fw, err := zw.CreateHeader(&head)
			if err != nil {
				return err
			}
			if _, err := fw.Write(text); err != nil {
				return err
			}
		}
		return zw.Close()
	})
}

func writeArchive(to string, fill func(io.Writer) error) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
