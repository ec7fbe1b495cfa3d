// A pool of pgx, PostgreSQL's driver for Go, whose connections are all in use. Says "ready" once each has had an answer; then
// for each what read(2) gave it, and what the driver made of that.
//
// usage: pgx-pool URL SIZE QUERY wait|write; wait: the query is sent at once; write: once a line of the input came. Where
// the input ends without one, nobody has looked at the connections again.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// witness tells of the first error of a connection, which the driver has other words for.
type witness struct {
	net.Conn
	first sync.Once
}

func (w *witness) Read(bytes []byte) (int, error) {
	n, err := w.Conn.Read(bytes)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		w.first.Do(func() { fmt.Fprintln(os.Stderr, "read:", err) })
	}
	return n, err
}

func main() {
	ctx := context.Background()
	url, query, mode := os.Args[1], os.Args[3], os.Args[4]
	size, err := strconv.Atoi(os.Args[2])
	exitOn(err)
	config, err := pgxpool.ParseConfig(url)
	exitOn(err)
	config.MaxConns = int32(size)
	config.HealthCheckPeriod = time.Hour
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 2}}
	var dialled atomic.Int32
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		// Behind an error the driver connects once more, to cancel the query, and the process may end before that.
		if dialled.Add(1) > int32(size) {
			return nil, errors.New("not dialled")
		}
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &witness{Conn: conn}, nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	exitOn(err)

	held := make([]*pgxpool.Conn, size)
	for i := range held {
		held[i], err = pool.Acquire(ctx)
		exitOn(err)
		_, err = held[i].Exec(ctx, "select 1")
		exitOn(err)
	}
	fmt.Println("ready")
	if mode == "write" && !bufio.NewScanner(os.Stdin).Scan() {
		os.Exit(0)
	}
	var all sync.WaitGroup
	for _, conn := range held {
		all.Go(func() {
			_, err := conn.Exec(ctx, query)
			fmt.Fprintln(os.Stderr, "pgx:", err)
		})
	}
	all.Wait()
	os.Exit(1)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
