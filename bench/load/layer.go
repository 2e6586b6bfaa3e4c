package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const pieceSize = 1 << 20

// layer is incompressible bytes that no other layer shares: one random piece, stamped with its number, because
// new random bytes would cost the sender as much as hashing costs the server.
type layer struct {
	piece  []byte
	size   int64
	offset int64
}

func newLayer(size int64) (*layer, error) {
	piece := make([]byte, pieceSize)
	_, err := rand.Read(piece)
	return &layer{piece: piece, size: size}, err
}

// Read fills p from the piece at the offset, stamped with its number.
func (l *layer) Read(p []byte) (int, error) {
	left := l.size - l.offset
	if left == 0 {
		return 0, io.EOF
	}
	within := l.offset % pieceSize
	binary.LittleEndian.PutUint64(l.piece, uint64(l.offset/pieceSize))
	n := copy(p[:min(int64(len(p)), left)], l.piece[within:])
	l.offset += int64(n)
	return n, nil
}

// digest reads the layer once and resets the offset.
func (l *layer) digest() (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, l); err != nil {
		return "", err
	}
	l.offset = 0
	return fmt.Sprintf("sha256:%x", hash.Sum(nil)), nil
}
