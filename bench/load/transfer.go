package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

type transferResult struct {
	Digest           string  `json:"digest"`
	Seconds          float64 `json:"seconds"`
	ClosingSeconds   float64 `json:"closingSeconds"`
	ClientCPUSeconds float64 `json:"clientCpuSeconds"`
}

// client has no compression, and a buffer that holds a 32 KiB chunk and its framing for one write.
var client = &http.Client{
	Timeout:   5 * time.Minute,
	Transport: &http.Transport{DisableCompression: true, WriteBufferSize: 64 << 10},
}

// push sends a new layer and measures the time from the first request to the 201, and the time of the last request.
func push(args []string) (any, error) {
	flags := flag.NewFlagSet("push", flag.ExitOnError)
	repository := flags.String("repository", "", "URL of the repository, as http://host:port/v2/name")
	form := flags.String("form", "patch", "patch (POST, one chunked PATCH, empty PUT) or put (POST, one PUT)")
	size := flags.Int64("size", 1<<30, "bytes")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	body, err := newLayer(*size)
	if err != nil {
		return nil, err
	}
	digest, err := body.digest()
	if err != nil {
		return nil, err
	}
	cpuBefore, start := cpu(), time.Now()
	location, err := send(http.MethodPost, *repository+"/blobs/uploads/", nil, 0, http.StatusAccepted)
	if err == nil && *form == "patch" {
		location, err = send(http.MethodPatch, location, body, -1, http.StatusAccepted)
	}
	if err != nil {
		return nil, err
	}
	if location, err = withDigest(location, digest); err != nil {
		return nil, err
	}
	closing := time.Now()
	if *form == "patch" {
		_, err = send(http.MethodPut, location, nil, 0, http.StatusCreated)
	} else {
		_, err = send(http.MethodPut, location, body, *size, http.StatusCreated)
	}
	return transferResult{
		Digest:           digest,
		Seconds:          time.Since(start).Seconds(),
		ClosingSeconds:   time.Since(closing).Seconds(),
		ClientCPUSeconds: (cpu() - cpuBefore).Seconds(),
	}, err
}

// send makes one request; a length of -1 makes the body chunked. It returns the absolute Location.
func send(method, target string, body io.Reader, length int64, status int) (string, error) {
	request, err := http.NewRequestWithContext(context.Background(), method, target, nil)
	if err != nil {
		return "", err
	}
	if body != nil {
		request.Body = io.NopCloser(body)
		request.ContentLength = length
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	// Read from the environment: arguments are visible to other users.
	if authorization := os.Getenv("LOAD_AUTHORIZATION"); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != status {
		return "", fmt.Errorf("%s %s: %s: %s", method, target, response.Status, text)
	}
	location, err := response.Location()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", method, target, err)
	}
	return location.String(), nil
}

// withDigest preserves the query of the location: distribution stores the state of the upload in it.
func withDigest(location, digest string) (string, error) {
	parsed, err := url.Parse(location)
	if err != nil {
		return "", err
	}
	query := parsed.Query()
	query.Set("digest", digest)
	parsed.RawQuery = query.Encode()
	return parsed.String(), nil
}

// pull reads a blob. With -verify it also hashes it, which takes time and must not be part of a measurement.
func pull(args []string) (any, error) {
	flags := flag.NewFlagSet("pull", flag.ExitOnError)
	repository := flags.String("repository", "", "URL of the repository, as http://host:port/v2/name")
	digest := flags.String("digest", "", "blob to pull")
	size := flags.Int64("size", 1<<30, "bytes it must have")
	verify := flags.Bool("verify", false, "hash the bytes too")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	cpuBefore, start := cpu(), time.Now()
	response, err := client.Get(*repository + "/blobs/" + *digest)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET blob: %s", response.Status)
	}
	hash := sha256.New()
	sink := io.Discard
	if *verify {
		sink = hash
	}
	length, err := io.CopyBuffer(onlyWriter{sink}, response.Body, make([]byte, 256<<10))
	if err != nil {
		return nil, err
	}
	result := transferResult{
		Digest:           *digest,
		Seconds:          time.Since(start).Seconds(),
		ClientCPUSeconds: (cpu() - cpuBefore).Seconds(),
	}
	if length != *size {
		return nil, fmt.Errorf("GET blob: %d bytes instead of %d", length, *size)
	}
	if got := fmt.Sprintf("sha256:%x", hash.Sum(nil)); *verify && got != *digest {
		return nil, fmt.Errorf("GET blob: bytes of %s instead of %s", got, *digest)
	}
	return result, nil
}

// onlyWriter hides ReadFrom, with which io.Discard would read 8 KiB at a time.
type onlyWriter struct{ io.Writer }
