package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	sampleEvery = 15 * time.Second
	sampleTick  = time.Second
	// A program that knows of bursts of probes keeps them out of the comparison, as the bench has Finrst do.
	keepaliveIdle = 7200 * time.Second
	// Full jitter below this before each new attempt.
	reconnectBelow = time.Second
)

type fleet struct {
	order   order
	metrics *metrics
	ended   *stamps
	grants  chan struct{}
	peers   []*peer
}

type peer struct {
	fleet    *fleet
	number   int
	series   *peerMetrics
	conn     atomic.Pointer[net.TCPConn]
	lastRead atomic.Int64
	resent   uint32
}

type ending struct{ age, idle time.Duration }

// newFleet holds the peers of an order, for ever.
func newFleet(o order, m *metrics, ended *stamps) {
	f := &fleet{order: o, metrics: m, ended: ended, grants: make(chan struct{})}
	go f.grantConnects()
	for number := range o.peers {
		p := &peer{fleet: f, number: number, series: m.addPeer(o.host(number), o.port)}
		f.peers = append(f.peers, p)
		go p.hold()
	}
	go f.sample()
}

// grantConnects lets connects go at the rate of the order, a hundredth of a second's worth at a time.
func (f *fleet) grantConnects() {
	for range time.Tick(10 * time.Millisecond) {
		for range max(1, f.order.perSecond/100) {
			f.grants <- struct{}{}
		}
	}
}

func (p *peer) hold() {
	dialer := net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepaliveIdle, Interval: 10 * time.Second, Count: 3},
	}
	m := p.fleet.metrics
	downSince := time.Time{}
	waiting := m.state.WithLabelValues(group, "backoff")
	waiting.Inc()
	for first := true; ; first = false {
		if first {
			<-p.fleet.grants
		} else {
			time.Sleep(rand.N(reconnectBelow))
		}
		waiting.Dec()
		started := time.Now()
		conn, err := p.connect(dialer)
		if err != nil {
			p.series.connectFailures.Inc()
			m.failuresByReason.WithLabelValues(group, "tcp", "other").Inc()
			waiting.Inc()
			continue
		}
		took := time.Since(started).Seconds()
		m.connectTime.WithLabelValues(group, "tcp").Observe(took)
		m.connectTime.WithLabelValues(group, "total").Observe(took)
		if !downSince.IsZero() {
			down := time.Since(downSince).Seconds()
			m.downtime.WithLabelValues(group).Observe(down)
			p.series.downSeconds.Add(down)
		}
		p.read(conn)
		downSince = time.Now()
		waiting.Inc()
	}
}

func (p *peer) connect(dialer net.Dialer) (net.Conn, error) {
	conn, err := dialer.Dial("tcp", p.series.name)
	if err != nil {
		return nil, err
	}
	if p.fleet.order.tls {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		if err := secure.HandshakeContext(context.Background()); err != nil {
			_ = conn.Close()
			return nil, err
		}
		p.established(conn)
		return secure, nil
	}
	p.established(conn)
	return conn, nil
}

func (p *peer) established(conn net.Conn) {
	p.conn.Store(conn.(*net.TCPConn))
	p.resent = 0
	p.series.up.Set(1)
	p.series.connections.Inc()
	p.series.established.SetToCurrentTime()
}

// read waits for the end of an established connection and counts it.
func (p *peer) read(conn net.Conn) {
	m := p.fleet.metrics
	held := m.state.WithLabelValues(group, "established")
	held.Inc()
	since := time.Now()
	p.lastRead.Store(since.UnixNano())
	key := uint32(p.number)<<16 | uint32(conn.LocalAddr().(*net.TCPAddr).Port)
	beat := p.startHeartbeat(conn)
	buffer := make([]byte, 512)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			now := time.Now()
			p.lastRead.Store(now.UnixNano())
			p.series.received.Add(float64(n))
			if p.series.lastReceived == nil {
				p.series.lastReceived = m.lastReceived.WithLabelValues(group, p.series.name)
			}
			p.series.lastReceived.Set(float64(now.UnixMilli()) / 1000)
			beat.answered(p, now)
		}
		if err == nil {
			continue
		}
		class, reason := classify(err)
		idle := time.Duration(time.Now().UnixNano() - p.lastRead.Load())
		m.countEnd(p.series, class, reason, ending{age: time.Since(since), idle: idle})
		p.fleet.ended.add(key, reason)
		held.Dec()
		p.conn.Store(nil)
		beat.stop()
		_ = conn.Close()
		return
	}
}

func classify(err error) (class, reason string) {
	switch {
	case errors.Is(err, io.EOF):
		return "eof", "fin"
	case errors.Is(err, syscall.ECONNRESET):
		return "error", "reset"
	case errors.Is(err, syscall.ETIMEDOUT):
		return "error", "keepalive_timeout"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "error", "unreachable"
	case errors.Is(err, syscall.EPIPE):
		return "error", "broken_pipe"
	}
	return "error", "other"
}

// sample reads TCP_INFO of every socket once in each interval, a share of them at a time, so that they do not all come in a row.
func (f *fleet) sample() {
	share := max(1, len(f.peers)*int(sampleTick)/int(sampleEvery))
	next := 0
	for range time.Tick(sampleTick) {
		for range share {
			p := f.peers[next]
			next = (next + 1) % len(f.peers)
			if conn := p.conn.Load(); conn != nil {
				p.sample(conn)
			}
		}
	}
}

func (p *peer) sample(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	m, name := p.fleet.metrics, p.series.name
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return
		}
		m.rtt.WithLabelValues(group, name).Set(float64(info.Rtt) / 1e6)
		m.minRtt.WithLabelValues(group, name).Set(float64(info.Min_rtt) / 1e6)
		m.retransmits.WithLabelValues(group, name).Add(float64(info.Total_retrans - p.resent))
		p.resent = info.Total_retrans
	})
}

// heartbeat sends a PING at an interval. Nil: the order has none.
type heartbeat struct {
	mutex sync.Mutex
	timer *time.Timer
	sent  time.Time
}

func (p *peer) startHeartbeat(conn net.Conn) *heartbeat {
	every := p.fleet.order.heartbeat
	if every == 0 {
		return nil
	}
	if p.series.heartbeatRtt == nil {
		p.series.heartbeatRtt = p.fleet.metrics.heartbeatRtt.WithLabelValues(group, p.series.name)
	}
	h := &heartbeat{}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.timer = time.AfterFunc(rand.N(every), func() {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		h.sent = time.Now()
		if n, err := conn.Write([]byte("PING\r\n")); err == nil {
			p.series.sent.Add(float64(n))
			h.timer.Reset(every)
		}
	})
	return h
}

func (h *heartbeat) answered(p *peer, now time.Time) {
	if h == nil {
		return
	}
	h.mutex.Lock()
	p.series.heartbeatRtt.Set(now.Sub(h.sent).Seconds())
	h.mutex.Unlock()
}

func (h *heartbeat) stop() {
	if h == nil {
		return
	}
	h.mutex.Lock()
	h.timer.Stop()
	h.mutex.Unlock()
}

func init() { log.SetFlags(0) }
