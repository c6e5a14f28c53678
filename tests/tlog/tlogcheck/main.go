// Tlogcheck holds a log against the Go checksum database's own implementation of transparency logs
// (golang.org/x/mod/sumdb), which shares no code with the server. It opens the signed checkpoint, checks that a
// record is included, and that an older checkpoint is a prefix of the newer one. Everything comes over HTTP.
//
//	tlogcheck -url http://127.0.0.1:8080/log -vkey KEY -index N [-from-checkpoint FILE]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight   = 8
	maxBodyBytes = 256 * (2 + 65535)
)

// fetcher reads the resources of one log.
type fetcher struct {
	base   string
	client *http.Client
}

func (f *fetcher) get(path string) ([]byte, error) {
	response, err := f.client.Get(f.base + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes+1))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", path, response.Status)
	}
	if len(body) > maxBodyBytes {
		return nil, fmt.Errorf("GET %s: too long", path)
	}
	return body, nil
}

// tilePath maps tile/8/<L>/<N> of the Go library to tile/<L>/<N> of C2SP tlog-tiles.
func tilePath(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
}

func entriesPath(n int64, width int) string {
	path := tilePath(tlog.Tile{H: tileHeight, L: 0, N: n, W: width})
	return "tile/entries/" + strings.TrimPrefix(path, "tile/0/")
}

// Height, ReadTiles and SaveTiles make a fetcher a tlog.TileReader.
func (f *fetcher) Height() int { return tileHeight }

func (f *fetcher) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		data, err := f.get(tilePath(t))
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %s has %d bytes", tilePath(t), len(data))
		}
		out = append(out, data)
	}
	return out, nil
}

func (f *fetcher) SaveTiles([]tlog.Tile, [][]byte) {}

// entry reads record `index` of a tree of `size` from its entry bundle: 16-bit big-endian lengths.
func (f *fetcher) entry(index, size int64) ([]byte, error) {
	n := index >> tileHeight
	width := int64(1) << tileHeight
	if size-n<<tileHeight < width {
		width = size - n<<tileHeight
	}
	data, err := f.get(entriesPath(n, int(width)))
	if err != nil {
		return nil, err
	}
	for i := n << tileHeight; ; i++ {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the entry bundle is cut short")
		}
		length := 2 + int(binary.BigEndian.Uint16(data))
		if i == index {
			return data[2:length], nil
		}
		data = data[length:]
	}
}

// openCheckpoint checks the signature and reads the three lines of a C2SP tlog-checkpoint.
func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is not a hash")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

func checkInclusion(f *fetcher, tree tlog.Tree, index int64) error {
	entry, err := f.entry(index, tree.N)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, f))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func checkConsistency(f *fetcher, tree tlog.Tree, file string, verifier note.Verifier) (tlog.Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	older, err := openCheckpoint(text, verifier)
	if err != nil {
		return older, err
	}
	if older.N == 0 {
		return older, nil
	}
	proof, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, f))
	if err != nil {
		return older, err
	}
	return older, tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

func run(url, vkey string, index int64, from string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	// A log may also be looked at as files: file:///path/to/log.
	transport := &http.Transport{}
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir("/")))
	client := &http.Client{Timeout: 30 * time.Second, Transport: transport}
	f := &fetcher{base: strings.TrimSuffix(url, "/"), client: client}
	text, err := f.get("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(text, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint: size %d, root %s\n", tree.N, tree.Hash)
	if err := checkInclusion(f, tree, index); err != nil {
		return fmt.Errorf("inclusion of record %d: %w", index, err)
	}
	fmt.Printf("inclusion: record %d is in the log\n", index)
	if from == "" {
		return nil
	}
	older, err := checkConsistency(f, tree, from, verifier)
	if err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	fmt.Printf("consistency: the tree of size %d is a prefix of the tree of size %d\n", older.N, tree.N)
	return nil
}

func main() {
	url := flag.String("url", "", "base URL of the log: its checkpoint is at URL/checkpoint")
	vkey := flag.String("vkey", "", "verifier key of the log")
	index := flag.Int64("index", 0, "record whose inclusion is checked")
	from := flag.String("from-checkpoint", "", "file with an older signed checkpoint")
	flag.Parse()
	if err := run(*url, *vkey, *index, *from); err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}
