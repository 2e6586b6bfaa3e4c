package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

type readsResult struct {
	// Responses includes responses to the warm-up, for comparison with the server's CPU time.
	Responses        int     `json:"responses"`
	PerSecond        float64 `json:"perSecond"`
	P50Ms            float64 `json:"p50Ms"`
	P99Ms            float64 `json:"p99Ms"`
	ClientCPUSeconds float64 `json:"clientCpuSeconds"`
}

// request is a serialized request and the expected length of its response.
type request struct {
	wire   []byte
	length int
}

// window is the period in which responses are counted, after the warm-up.
type window struct {
	from, until time.Time
}

type observed struct {
	responses int
	latencies []time.Duration
}

// reads requests the targets on standard input (lines of "path length") in turn, over a fixed number of connections.
func reads(args []string) (any, error) {
	flags := flag.NewFlagSet("reads", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port")
	method := flags.String("method", "GET", "GET or HEAD")
	accept := flags.String("accept", "*/*", "value of the Accept header")
	connections := flags.Int("connections", 16, "persistent connections")
	warmup := flags.Duration("warmup", time.Second, "duration of the warm-up")
	duration := flags.Duration("duration", 4*time.Second, "duration of the measurement")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	requests, err := readTargets(*method, *addr, *accept)
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(*warmup)
	cpuBefore := make(chan time.Duration, 1)
	time.AfterFunc(*warmup, func() { cpuBefore <- cpu() })
	seen, err := runAll(*connections, *addr, requests, *method == "HEAD", window{from, from.Add(*duration)})
	if err != nil {
		return nil, err
	}
	result := summarise(seen, *duration)
	result.ClientCPUSeconds = (cpu() - <-cpuBefore).Seconds()
	return result, nil
}

func readTargets(method, addr, accept string) ([]request, error) {
	var requests []request
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		path, length, _ := strings.Cut(lines.Text(), " ")
		size, err := strconv.Atoi(length)
		if err != nil {
			return nil, fmt.Errorf("target %q: %w", lines.Text(), err)
		}
		wire := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\nAccept: %s\r\n\r\n", method, path, addr, accept)
		requests = append(requests, request{[]byte(wire), size})
	}
	if len(requests) == 0 {
		return nil, fmt.Errorf("no targets on standard input")
	}
	return requests, lines.Err()
}

func runAll(connections int, addr string, requests []request, head bool, when window) (observed, error) {
	type outcome struct {
		seen observed
		err  error
	}
	outcomes := make(chan outcome)
	for i := range connections {
		go func() {
			seen, err := runOne(addr, requests, i*len(requests)/connections, head, when)
			outcomes <- outcome{seen, err}
		}()
	}
	var all observed
	var failed error
	for range connections {
		one := <-outcomes
		all.responses += one.seen.responses
		all.latencies = append(all.latencies, one.seen.latencies...)
		if one.err != nil {
			failed = one.err
		}
	}
	return all, failed
}

func runOne(addr string, requests []request, next int, head bool, when window) (observed, error) {
	seen := observed{latencies: make([]time.Duration, 0, 1<<16)}
	connection, err := net.Dial("tcp", addr)
	if err != nil {
		return seen, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(when.until.Add(10 * time.Second)); err != nil {
		return seen, err
	}
	responses := responseReader{connection: connection, buffer: make([]byte, 64<<10)}
	for {
		asked := requests[next%len(requests)]
		next++
		start := time.Now()
		if _, err := connection.Write(asked.wire); err != nil {
			return seen, err
		}
		if err := responses.next(asked.length, head); err != nil {
			return seen, fmt.Errorf("%w, to %q", err, asked.wire[:bytes.IndexByte(asked.wire, '\r')])
		}
		end := time.Now()
		seen.responses++
		if end.After(when.until) {
			return seen, nil
		}
		if start.After(when.from) {
			seen.latencies = append(seen.latencies, end.Sub(start))
		}
	}
}

// responseReader reads one response at a time; requests are not pipelined, so each response begins with an empty buffer.
type responseReader struct {
	connection net.Conn
	buffer     []byte
}

func (r *responseReader) next(length int, head bool) error {
	filled, end := 0, -1
	for end < 0 {
		n, err := r.connection.Read(r.buffer[filled:])
		if err != nil {
			return err
		}
		filled += n
		end = bytes.Index(r.buffer[:filled], []byte("\r\n\r\n"))
		if end < 0 && filled == len(r.buffer) {
			return fmt.Errorf("response head exceeds %d bytes", filled)
		}
	}
	if err := checkHead(r.buffer[:end+2], length); err != nil {
		return err
	}
	body := filled - (end + 4)
	for !head && body < length {
		n, err := r.connection.Read(r.buffer)
		if err != nil {
			return err
		}
		body += n
	}
	if (head && body != 0) || (!head && body != length) {
		return fmt.Errorf("response body has %d bytes", body)
	}
	return nil
}

func checkHead(head []byte, length int) error {
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("response %q", head[:bytes.IndexByte(head, '\r')])
	}
	const name = "content-length: "
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
			continue
		}
		if got, err := strconv.Atoi(string(line[len(name):])); err != nil || got != length {
			return fmt.Errorf("%s instead of %d", line, length)
		}
		return nil
	}
	return fmt.Errorf("response without Content-Length")
}

func summarise(seen observed, duration time.Duration) readsResult {
	latencies := seen.latencies
	slices.Sort(latencies)
	at := func(quantile float64) float64 {
		if len(latencies) == 0 {
			return 0
		}
		return float64(latencies[int(quantile*float64(len(latencies)-1))]) / float64(time.Millisecond)
	}
	return readsResult{
		Responses: seen.responses,
		PerSecond: float64(len(latencies)) / duration.Seconds(),
		P50Ms:     at(0.50),
		P99Ms:     at(0.99),
	}
}
