// Command load sends requests to a registry and prints its measurements as one line of JSON.
//
// It replaces existing tools because it must use much less CPU than the servers it measures, on a machine whose cores they
// share: wrk waits for the body that a HEAD never has, and the clients in Go built on net/http (hey, vegeta) use more CPU for
// a request than some of the servers do. Reads therefore send HTTP/1.1 over plain sockets and verify the
// status and length of every response. Transfers use net/http like Docker's own client, 32 KiB at a time.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: load reads|push|pull [flags]"))
	}
	commands := map[string]func([]string) (any, error){"reads": reads, "push": push, "pull": pull}
	command, known := commands[os.Args[1]]
	if !known {
		fail(fmt.Errorf("unknown command %q", os.Args[1]))
	}
	result, err := command(os.Args[2:])
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}

// cpu returns the CPU time of this process so far, which proves that it was not the bottleneck.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
