// The program of the suite's own pods. `pod pause` waits and collects orphans, as the first process of a pod must.
// `pod peer` greets each connection, answers each line with "+PONG", and ends connections as it is asked:
// at SIGTERM as -on-term says, or by HTTP with /fin, /reset, /exit. It counts
// its connections, by HTTP with /watch and /counts.
// `pod client` has one connection to -to, and another when that has ended; with -leak it closes none.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

type connections struct {
	mutex sync.Mutex
	held  map[*net.TCPConn]bool
	// By the address that a client has reached: how many it holds, and between which numbers that was since "/watch".
	counts map[string]*count
}

type count struct{ Now, Fewest, Most int }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "peer" {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		peer()
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "client" {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		client()
		return
	}
	pause()
}

func pause() {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGINT)
	for received := range signals {
		if received != syscall.SIGCHLD {
			os.Exit(0)
		}
		for {
			if pid, _ := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 {
				break
			}
		}
	}
}

func client() {
	to := flag.String("to", "", "HOST:PORT")
	leak := flag.Bool("leak", false, "close no connection, whatever the other side does")
	flag.Parse()
	var kept []net.Conn
	for ; ; time.Sleep(time.Second) {
		connection, err := net.Dial("tcp", *to)
		if err != nil {
			continue
		}
		io.Copy(io.Discard, connection)
		if *leak {
			kept = append(kept, connection)
			log.Printf("%d connections are kept", len(kept))
		} else {
			connection.Close()
		}
	}
}

func peer() {
	onTerm := flag.String("on-term", "exit", "exit (the kernel closes), fin (closes each, exits 3 s later), reset (RST to each), ignore")
	port := flag.Int("port", 7000, "where connections are taken")
	commands := flag.Int("commands", 8080, "the port of HTTP")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	all := &connections{held: map[*net.TCPConn]bool{}, counts: map[string]*count{}}
	go waitForTerm(*onTerm, listener, all)
	go serveCommands(*commands, all)
	for {
		connection, err := listener.Accept()
		if err != nil {
			select {} // it closes at SIGTERM, and the process ends a little later
		}
		go all.serve(connection.(*net.TCPConn))
	}
}

func waitForTerm(onTerm string, listener net.Listener, all *connections) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM)
	for range signals {
		switch onTerm {
		case "exit":
			os.Exit(0)
		case "fin":
			listener.Close()
			all.end(false)
			time.Sleep(3 * time.Second)
			os.Exit(0)
		case "reset":
			listener.Close()
			all.end(true)
			os.Exit(0)
		}
	}
}

func serveCommands(port int, all *connections) {
	http.HandleFunc("/fin", func(http.ResponseWriter, *http.Request) { all.end(false) })
	http.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) { all.end(true) })
	http.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { all.end(true); os.Exit(1) })
	http.HandleFunc("/watch", func(http.ResponseWriter, *http.Request) { all.watch() })
	http.HandleFunc("/counts", func(w http.ResponseWriter, _ *http.Request) { all.writeCounts(w) })
	log.Fatal(http.ListenAndServe(fmt.Sprintf(":%d", port), nil))
}

func (all *connections) watch() {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	for _, each := range all.counts {
		each.Fewest, each.Most = each.Now, each.Now
	}
}

func (all *connections) writeCounts(answer http.ResponseWriter) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	json.NewEncoder(answer).Encode(all.counts)
}

// add counts a connection that came, or went.
func (all *connections) add(connection *net.TCPConn, one int) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	address := connection.LocalAddr().String()
	of := all.counts[address]
	if of == nil {
		of = &count{}
		all.counts[address] = of
	}
	of.Now += one
	of.Fewest, of.Most = min(of.Fewest, of.Now), max(of.Most, of.Now)
	if one > 0 {
		all.held[connection] = true
	} else {
		delete(all.held, connection)
	}
}

// end closes every connection. A linger of 0 makes the kernel send RST instead of FIN.
func (all *connections) end(reset bool) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	for connection := range all.held {
		if reset {
			connection.SetLinger(0)
		}
		connection.Close()
	}
}

func (all *connections) serve(connection *net.TCPConn) {
	all.add(connection, 1)
	fmt.Fprint(connection, "hello\r\n")
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		fmt.Fprint(connection, "+PONG\r\n")
	}
	end := "FIN"
	if errors.Is(lines.Err(), syscall.ECONNRESET) {
		end = "RST"
	} else if lines.Err() != nil {
		end = lines.Err().Error()
	}
	log.Printf("%s left: %s", connection.RemoteAddr(), end)
	all.add(connection, -1)
	connection.Close()
}
