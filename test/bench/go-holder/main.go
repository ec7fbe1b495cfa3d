// Command go-holder is what one would write in Go instead of Finrst, for the bench to compare with: a goroutine for each
// connection that reads into 512 bytes, one goroutine that reads TCP_INFO of all sockets, and client_golang with the series
// and labels that Finrst has at detail full. The garbage collector is left at its defaults.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sys/unix"
)

// stamp is one end that has been counted. The clock is the machine's monotonic one, which the server uses as well.
type stamp struct {
	key    uint32
	nanos  int64
	reason string
}

type stamps struct {
	mutex sync.Mutex
	list  []stamp
}

func (s *stamps) add(key uint32, reason string) {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	s.mutex.Lock()
	s.list = append(s.list, stamp{key, now.Nano(), reason})
	s.mutex.Unlock()
}

// take empties the list. Its array stays in use, so that the next ends do not allocate it anew.
func (s *stamps) take() []stamp {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := append([]stamp(nil), s.list...)
	s.list = s.list[:0]
	return taken
}

func main() {
	control, err := net.Dial("unix", os.Getenv("BENCH_CONTROL"))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	metrics := newMetrics()
	http.Handle("/metrics", promhttp.HandlerFor(metrics.registry, promhttp.HandlerOpts{}))
	http.HandleFunc("/-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "healthy") })
	go func() { log.Fatal(http.Serve(listener, nil)) }()
	ended := &stamps{list: make([]stamp, 0, 65536)}
	fmt.Fprintf(control, "hello %d http://%s/metrics\n", os.Getpid(), listener.Addr())
	serve(control, metrics, ended)
}

// serve answers what the bench asks, one line each, until the bench is gone.
func serve(control net.Conn, metrics *metrics, ended *stamps) {
	lines := bufio.NewScanner(control)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "hold":
			order, err := parseOrder(words[1:])
			if err != nil {
				log.Fatal(err)
			}
			newFleet(order, metrics, ended)
			fmt.Fprintln(control, "ok")
		case "ends":
			taken := ended.take()
			answer := &strings.Builder{}
			fmt.Fprintf(answer, "%d", len(taken))
			for _, s := range taken {
				fmt.Fprintf(answer, " %d:%d:%s", s.key, s.nanos, s.reason)
			}
			fmt.Fprintln(control, answer.String())
		default:
			log.Fatalf("unknown request %q", words[0])
		}
	}
}

// order says which peers to hold: PREFIX.0.0:port, PREFIX.0.1:port and so on, which are all one server.
type order struct {
	prefix    string
	port      int
	peers     int
	perSecond int
	heartbeat time.Duration
	tls       bool
}

func parseOrder(words []string) (order, error) {
	var o order
	var heartbeatMs int
	line := strings.Join(words, " ")
	_, err := fmt.Sscanf(line, "%s %d %d %d %d %t", &o.prefix, &o.port, &o.peers, &o.perSecond, &heartbeatMs, &o.tls)
	o.heartbeat = time.Duration(heartbeatMs) * time.Millisecond
	return o, err
}

func (o order) host(number int) string {
	return fmt.Sprintf("%s.%d.%d", o.prefix, number>>8, number&255)
}
