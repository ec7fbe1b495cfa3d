package main

import (
	"fmt"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

const group = "bench"

var classes = []string{"eof", "error", "idle_timeout"}

// reasons that the bench brings about, by class; more exist in Finrst, and they stand at 0.
var reasons = map[string][]string{
	"eof":          {"fin", "close_notify"},
	"error":        {"reset", "keepalive_timeout", "retransmit_timeout", "unreachable", "broken_pipe", "other", "tls"},
	"idle_timeout": {"silence", "heartbeat"},
}

// Buckets of Finrst.
var (
	lifetimes = []float64{0.1, 1, 5, 15, 30, 57, 63, 72, 79, 95, 105, 230, 250, 285, 315, 335, 365, 570, 630, 855, 945, 3420, 3780,
		7200, 14_400, 86_400, 604_800}
	connects  = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	downtimes = []float64{0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400}
)

type metrics struct {
	registry *prometheus.Registry

	up, established, lastEnd, lastReceived, rtt, minRtt, heartbeatRtt *prometheus.GaugeVec
	info, lastEndInfo, state                                          *prometheus.GaugeVec
	downSeconds, connections, received, sent, retransmits             *prometheus.CounterVec
	disconnects, failures, byReason, failuresByReason, localCloses    *prometheus.CounterVec
	lifetime, idle, connectTime, downtime                             *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	gauge := func(name string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: "The same as of Finrst."}, labels)
		m.registry.MustRegister(v)
		return v
	}
	counter := func(name string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: "The same as of Finrst."}, labels)
		m.registry.MustRegister(v)
		return v
	}
	histogram := func(name string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: "The same as of Finrst.", Buckets: buckets}, labels)
		m.registry.MustRegister(v)
		return v
	}
	m.up = gauge("finrst_peer_up", "group", "peer")
	m.downSeconds = counter("finrst_peer_down_seconds_total", "group", "peer")
	m.disconnects = counter("finrst_disconnects_total", "group", "peer", "class")
	m.connections = counter("finrst_connections_total", "group", "peer")
	m.failures = counter("finrst_connect_failures_total", "group", "peer", "phase")
	m.established = gauge("finrst_connection_established_timestamp_seconds", "group", "peer")
	m.lastEnd = gauge("finrst_last_disconnect_timestamp_seconds", "group", "peer")
	m.lastEndInfo = gauge("finrst_last_disconnect_info", "group", "peer", "class", "reason")
	m.info = gauge("finrst_peer_info", "group", "peer", "address")
	m.received = counter("finrst_received_bytes_total", "group", "peer")
	m.sent = counter("finrst_sent_bytes_total", "group", "peer")
	m.lastReceived = gauge("finrst_last_received_timestamp_seconds", "group", "peer")
	m.heartbeatRtt = gauge("finrst_heartbeat_rtt_seconds", "group", "peer")
	m.rtt = gauge("finrst_tcp_rtt_seconds", "group", "peer")
	m.minRtt = gauge("finrst_tcp_min_rtt_seconds", "group", "peer")
	m.retransmits = counter("finrst_tcp_retransmits_total", "group", "peer")
	m.byReason = counter("finrst_disconnects_by_reason_total", "group", "class", "reason")
	m.failuresByReason = counter("finrst_connect_failures_by_reason_total", "group", "phase", "reason")
	m.localCloses = counter("finrst_local_closes_total", "group", "reason")
	m.state = gauge("finrst_peers", "group", "state")
	m.lifetime = histogram("finrst_connection_duration_seconds", lifetimes, "group", "class")
	m.idle = histogram("finrst_idle_at_disconnect_seconds", lifetimes, "group", "class")
	m.connectTime = histogram("finrst_connect_duration_seconds", connects, "group", "phase")
	m.downtime = histogram("finrst_downtime_seconds", downtimes, "group")
	m.addGroup()
	gauge("finrst_build_info", "version", "go_version").WithLabelValues("bench", runtime.Version()).Set(1)
	return m
}

func (m *metrics) addGroup() {
	for _, class := range classes {
		for _, reason := range reasons[class] {
			m.byReason.WithLabelValues(group, class, reason)
		}
		m.lifetime.WithLabelValues(group, class)
		m.idle.WithLabelValues(group, class)
	}
	for _, phase := range []string{"dns", "tcp"} {
		m.failuresByReason.WithLabelValues(group, phase, "timeout")
		m.connectTime.WithLabelValues(group, phase)
	}
	m.connectTime.WithLabelValues(group, "total")
	m.downtime.WithLabelValues(group)
	m.localCloses.WithLabelValues(group, "shutdown")
	for _, state := range []string{"resolving", "connecting", "handshaking", "established", "closing", "backoff"} {
		m.state.WithLabelValues(group, state)
	}
}

// peerMetrics are the series of one peer, looked up once.
type peerMetrics struct {
	name                                string
	up, established                     prometheus.Gauge
	downSeconds, connections            prometheus.Counter
	received, sent                      prometheus.Counter
	ends                                map[string]prometheus.Counter
	connectFailures                     prometheus.Counter
	lastClass, lastReason               string
	lastEnd, lastReceived, heartbeatRtt prometheus.Gauge
}

func (m *metrics) addPeer(host string, port int) *peerMetrics {
	name := fmt.Sprintf("%s:%d", host, port)
	p := &peerMetrics{
		name:            name,
		up:              m.up.WithLabelValues(group, name),
		established:     m.established.WithLabelValues(group, name),
		downSeconds:     m.downSeconds.WithLabelValues(group, name),
		connections:     m.connections.WithLabelValues(group, name),
		received:        m.received.WithLabelValues(group, name),
		sent:            m.sent.WithLabelValues(group, name),
		connectFailures: m.failures.WithLabelValues(group, name, "tcp"),
		ends:            make(map[string]prometheus.Counter, len(classes)),
	}
	m.failures.WithLabelValues(group, name, "dns")
	m.retransmits.WithLabelValues(group, name)
	m.rtt.WithLabelValues(group, name)
	m.minRtt.WithLabelValues(group, name)
	for _, class := range classes {
		p.ends[class] = m.disconnects.WithLabelValues(group, name, class)
	}
	m.info.WithLabelValues(group, name, host).Set(1)
	return p
}

// countEnd counts a disconnect, by class and reason, and replaces the series that names the last one.
func (m *metrics) countEnd(p *peerMetrics, class, reason string, end ending) {
	p.up.Set(0)
	p.ends[class].Inc()
	m.byReason.WithLabelValues(group, class, reason).Inc()
	m.lifetime.WithLabelValues(group, class).Observe(end.age.Seconds())
	m.idle.WithLabelValues(group, class).Observe(end.idle.Seconds())
	if p.lastEnd == nil {
		p.lastEnd = m.lastEnd.WithLabelValues(group, p.name)
	}
	p.lastEnd.SetToCurrentTime()
	if p.lastClass != class || p.lastReason != reason {
		if p.lastClass != "" {
			m.lastEndInfo.DeleteLabelValues(group, p.name, p.lastClass, p.lastReason)
		}
		m.lastEndInfo.WithLabelValues(group, p.name, class, reason).Set(1)
		p.lastClass, p.lastReason = class, reason
	}
}
