// Checks a log that `oreline export tiles` wrote with the code that Go uses for its checksum database:
// go run . FOLDER VKEY
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // 256 hashes in a tile

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "refused: %s: %v\n", what, err)
		os.Exit(1)
	}
}

// path is the file of a tile. C2SP leaves out the height, which Go has before the level.
func path(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
}

// folder reads tiles as they were served.
type folder string

func (f folder) Height() int                      { return height }
func (f folder) SaveTiles([]tlog.Tile, [][]byte)  {}
func (f folder) read(name string) ([]byte, error) { return os.ReadFile(filepath.Join(string(f), name)) }
func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		one, err := f.read(path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

// bundle takes entries apart, each behind its length in two octets.
func bundle(data []byte) (entries [][]byte, err error) {
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("cut short")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries, data = append(entries, data[2:end]), data[end:]
	}
	return entries, nil
}

// made holds the hashes that the entries give, as tlog stores them.
type made []tlog.Hash

func (m made) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, index := range indexes {
		hashes = append(hashes, m[index])
	}
	return hashes, nil
}

func main() {
	served := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	must(err, "the key")
	data, err := served.read("checkpoint")
	must(err, "the checkpoint")
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err, "the checkpoint")
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("%q", opened.Text), "the checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "the size")
	var root tlog.Hash
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "the root")
	copy(root[:], raw)

	var hashes made
	var leaves []tlog.Hash
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.L != 0 {
			continue
		}
		name := strings.Replace(path(tile), "tile/0/", "tile/entries/", 1)
		data, err := served.read(name)
		must(err, name)
		entries, err := bundle(data)
		must(err, name)
		for _, entry := range entries {
			more, err := tlog.StoredHashes(int64(len(leaves)), entry, hashes)
			must(err, name)
			hashes, leaves = append(hashes, more...), append(leaves, tlog.RecordHash(entry))
		}
	}
	if int64(len(leaves)) != size {
		must(fmt.Errorf("%d entries for a size of %d", len(leaves), size), "the bundles")
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		want, err := tlog.ReadTileData(tile, hashes)
		must(err, path(tile))
		have, err := served.read(path(tile))
		must(err, path(tile))
		if !bytes.Equal(want, have) {
			must(fmt.Errorf("not what the entries give"), path(tile))
		}
	}

	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, served)
	for index, leaf := range leaves {
		proof, err := tlog.ProveRecord(size, int64(index), reader)
		must(err, "the tiles")
		must(tlog.CheckRecord(proof, size, root, int64(index), leaf), fmt.Sprint("entry ", index))
	}
	for old := int64(1); old < size; old++ {
		before, err := tlog.TreeHash(old, hashes)
		must(err, "the hashes")
		proof, err := tlog.ProveTree(size, old, reader)
		must(err, "the tiles")
		must(tlog.CheckTree(proof, size, root, old, before), fmt.Sprint("the tree of ", old))
	}
	fmt.Printf("%s: %d entries, each included; consistent with every earlier size\n", lines[0], size)
}
