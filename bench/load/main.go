// Command load drives a registry and prints what it measured as one line of JSON.
//
// It is our own because it must cost much less than the servers it measures, on a machine whose cores they share:
// wrk waits for the body that a HEAD never has, and the clients in Go built on net/http (hey, vegeta) spend more CPU on
// a request than some of the servers do. Reads therefore speak HTTP/1.1 over plain sockets and check the
// status and length of every answer. Transfers use net/http in the way of Docker's own client, 32 KiB at a time.
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

// cpu is what this process has used so far: the proof that it was not the bottleneck.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
