"""The peers of the lab: one process in the server namespace that ends connections the way it is told to.

It accepts on every address of 10.90.0.0/16, 10.91.0.0/16 and fd77:90::/32 (routed to lo), so each repeat of each scenario
has an address of its own: the scenario is the third octet, the slot the fourth. The lab talks to it over a unix socket,
one JSON object a line; every command is answered by one line.
"""

import errno
import heapq
import itertools
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

import dns_server
import raw_reset
import tls_side

SLOTS_PER_CLIENT = 60  # daemon 1-60, twin 61-120, plain clients 121-180 and 181-240
OTHERS = 1000  # the peers beside the scenarios, 10.91/16, share one plan
CHUNK = 65536
SMALL_WINDOW = 16384
HOLDERS = {
    'silent': ['sleep', 'infinity'],
    'chatty': ['sh', '-c', 'while :; do echo tick; sleep 0.5; done'],
    'answering': ['sh', '-c', 'while read -r line; do printf "+PONG\\r\\n"; done'],
}


class Connection:
    def __init__(self, sock, scenario, slot, number):
        self.sock = sock
        self.scenario = scenario
        self.slot = slot
        self.number = number  # 1 for the first connection to this address
        self.tls = None
        self.holder = None
        self.received = 0
        self.hushed = False
        self.reply = None  # instead of the plan's
        self.finished = False  # our FIN is sent: nothing more can be said
        self.saw = None  # how the other side ended it: 'eof' or an errno name


class FaultServer:
    def __init__(self, certificates):
        self.selector = selectors.DefaultSelector()
        self.plans = {}
        self.latest = {}
        self.counts = {}
        self.kept = []  # older sockets stay referenced: collecting one would close it, an end nobody injected
        self.timers = []
        self.saws = {}  # how each connection to an address was ended by its other side, in order
        self.errors = []  # faults that could not be injected: the run is void
        self.order = itertools.count()
        self.certificates = certificates

    # -- the loop ------------------------------------------------------------------------------------------------------

    def listen(self, family, address, port, rcvbuf=None):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if rcvbuf:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)  # accepted sockets inherit it
        sock.bind((address, port))
        sock.listen(4096)
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, lambda: self.accept(sock))

    def after(self, delay_ms, action):
        heapq.heappush(self.timers, (time.monotonic() + delay_ms / 1000, next(self.order), action))

    def run(self):
        while True:
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else None
            for key, _ in self.selector.select(wait):
                key.data()
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()

    # -- connections ---------------------------------------------------------------------------------------------------

    def accept(self, listener):
        for _ in range(256):
            try:
                sock, _ = listener.accept()
            except BlockingIOError:
                return
            except OSError:
                continue  # it died in the queue
            self.accepted(sock)

    def accepted(self, sock):
        scenario, slot = place(sock)
        number = self.counts.get((scenario, slot), 0) + 1
        self.counts[(scenario, slot)] = number
        conn = Connection(sock, scenario, slot, number)
        previous = self.latest.get((scenario, slot))
        if previous is not None:
            self.kept.append(previous)
        self.latest[(scenario, slot)] = conn
        plan = self.plan_of(scenario)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a push does not wait for the one before
        if plan.get('rcvbuf'):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, plan['rcvbuf'])
        if plan.get('tls') and not is_twin(scenario, slot):
            conn.tls = tls_side.TlsSide(conn.sock, plan['tls'], number, self.certificates)
        if plan.get('nudge_twin') and is_twin(scenario, slot):
            sock.send(b's')
        if plan.get('process'):
            # It holds the only copy of the socket: killing or stopping it is killing or stopping a server.
            sock.setblocking(True)
            kind = 'silent' if plan.get('answers_once') and number > 1 else plan['process']
            conn.holder = subprocess.Popen(HOLDERS[kind], stdin=sock, stdout=sock)
            sock.close()
            return
        if not plan.get('unread'):
            self.selector.register(sock, selectors.EVENT_READ, lambda: self.readable(conn))
        if plan.get('on_accept') and number == 1:
            self.run_ops(conn, plan['on_accept'])
        if plan.get('push_every_ms') and not is_twin(scenario, slot):
            self.push(conn, plan['push_every_ms'])

    def plan_of(self, scenario):
        return self.plans.get(min(scenario, OTHERS), {})

    def push(self, conn, every_ms):
        if conn.sock.fileno() < 0 or conn.saw is not None or conn.hushed:
            return
        try:
            conn.sock.send(b'tick\n')
        except OSError:
            return
        self.after(every_ms, lambda: self.push(conn, every_ms))

    def readable(self, conn):
        try:
            data = conn.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self.ended(conn, errno.errorcode.get(error.errno, str(error.errno)))
            return
        if not data:
            self.ended(conn, 'eof')
            return
        conn.received += len(data)
        if conn.tls is not None:
            if not conn.tls.received(data):
                self.close(conn)
                return
            data = conn.tls.taken()
            if not data:
                return
        self.answer(conn, data)

    def answer(self, conn, data):
        plan = self.plan_of(conn.scenario)
        if plan.get('sync') and conn.slot <= SLOTS_PER_CLIENT:
            self.nudge(self.latest.get((conn.scenario, conn.slot + SLOTS_PER_CLIENT)))
        if is_twin(conn.scenario, conn.slot) or conn.hushed or conn.finished or (plan.get('answers_once') and conn.number > 1):
            return
        reply = conn.reply or plan.get('reply')
        if reply and b'PING' in data:
            try:
                self.say(conn, reply)
            except OSError:
                return  # the client is gone already: the next read says how
        if plan.get('on_data'):
            self.run_ops(conn, plan['on_data'])

    def say(self, conn, text):
        if conn.tls is not None:
            conn.tls.say(text.encode())
        else:
            conn.sock.send(text.encode())

    def nudge(self, twin):
        """The twin writes one interval after this byte: at the moment of the daemon's next heartbeat."""
        if twin is not None and twin.saw is None:
            try:
                twin.sock.send(b's')
            except OSError:
                pass  # it ended already; its end is on record

    def ended(self, conn, how):
        conn.saw = conn.saw or how
        self.saws.setdefault((conn.scenario, conn.slot), []).append(how)
        self.close(conn)

    def close(self, conn):
        if conn.sock.fileno() < 0:
            return
        try:
            self.selector.unregister(conn.sock)
        except KeyError:
            pass  # a socket that is not read
        conn.sock.close()

    # -- faults --------------------------------------------------------------------------------------------------------

    def run_ops(self, conn, ops):
        for index, op in enumerate(ops):
            name, _, argument = op.partition(' ')
            if name == 'sleep':
                rest = ops[index + 1 :]
                self.after(float(argument), lambda: self.run_ops(conn, rest))
                return
            try:
                self.run_op(conn, name, argument)
            except OSError as error:
                self.errors.append(f'{conn.scenario}/{conn.slot} {op}: {error}')

    def run_op(self, conn, name, argument):
        if name == 'write':
            conn.sock.send(b'x' * int(argument or 1))
        elif name == 'say':
            self.say(conn, argument)
        elif name == 'reply_with':
            conn.reply = argument
        elif name == 'stop_reading':
            self.selector.unregister(conn.sock)
            if is_twin(conn.scenario, conn.slot):
                self.nudge(conn)  # the daemon's heartbeats arrive no more, so none of them will
        elif name == 'read_again':
            self.selector.register(conn.sock, selectors.EVENT_READ, lambda: self.readable(conn))
        elif name == 'fin':
            conn.sock.shutdown(socket.SHUT_WR)
            conn.finished = True
        elif name == 'close':
            self.close(conn)
        elif name == 'rst':
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.close(conn)
        elif name == 'kill':
            conn.holder.send_signal(getattr(signal, argument))
        elif name == 'hush':
            conn.hushed = True  # neither ticks nor answers from here on
        elif name == 'rawrst':
            raw_reset.send(conn.sock, int(argument or 0))
        elif conn.tls is None:
            # The twin of a TLS connection speaks no TLS: bytes arrive at it where a record arrives at the others.
            conn.sock.send(b'x')
        else:
            conn.tls.do(name)

    # -- the lab's side ------------------------------------------------------------------------------------------------

    def control(self, path):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(4)
        self.selector.register(listener, selectors.EVENT_READ, lambda: self.attach(listener))

    def attach(self, listener):
        sock, _ = listener.accept()
        pending = bytearray()

        def lines():
            data = sock.recv(1 << 20)
            if not data:
                os._exit(0)  # the lab is gone: nothing of it may be left
            pending.extend(data)
            while b'\n' in pending:
                line, _, rest = bytes(pending).partition(b'\n')
                pending[:] = rest
                sock.sendall(json.dumps(self.command(json.loads(line))).encode() + b'\n')

        self.selector.register(sock, selectors.EVENT_READ, lines)

    def command(self, message):
        if message['cmd'] == 'plan':
            self.plans = {int(key): plan for key, plan in message['plans'].items()}
            return {'ok': True}
        if message['cmd'] == 'inject':
            return {'ok': True, 'at': self.inject(message)}
        if message['cmd'] == 'held':
            held = [[*key, c.number, c.received, self.saws.get(key, [])] for key, c in self.latest.items()]
            return {'ok': True, 'held': held, 'errors': self.errors}
        if message['cmd'] == 'dns':
            dns_server.ANSWERS[message['name']] = message['answer']
            return {'ok': True}
        if message['cmd'] == 'asked':
            return {'ok': True, 'names': sorted(dns_server.ASKED)}
        raise ValueError(f'unknown command {message}')

    def inject(self, message):
        """Faults each slot in the order given, the twin first: what the order costs is charged to the daemon."""
        at = time.time()
        for slot in message['slots']:
            conn = self.latest.get((message['scenario'], slot))
            if conn is None:
                self.errors.append(f'{message["scenario"]}/{slot}: no connection to act on')
            else:
                self.run_ops(conn, message['ops'])
        return at * 1000


def is_twin(scenario, slot):
    return scenario < OTHERS and SLOTS_PER_CLIENT < slot <= 2 * SLOTS_PER_CLIENT


def place(sock):
    """(scenario, slot) from the address that was dialled. The 1,000 other peers of 10.91/16 are scenarios OTHERS and up; 10.93/16 is 10.90/16 behind a translated address."""
    address = sock.getsockname()[0]
    if ':' in address:
        packed = socket.inet_pton(socket.AF_INET6, address)
        return int.from_bytes(packed[6:8], 'big'), int.from_bytes(packed[14:16], 'big')
    _, net, scenario, slot = (int(part) for part in address.split('.'))
    return (scenario, slot) if net in (90, 93) else (OTHERS + scenario, slot)


def main():
    control_path, certificates = sys.argv[1:3]
    port, small_window_port = (int(port) for port in sys.argv[3:5])
    server = FaultServer(certificates)
    server.listen(socket.AF_INET, '0.0.0.0', port)
    server.listen(socket.AF_INET6, '::', port)
    server.listen(socket.AF_INET, '0.0.0.0', small_window_port, SMALL_WINDOW)
    server.listen(socket.AF_INET6, '::', small_window_port, SMALL_WINDOW)
    server.control(control_path)
    dns_server.start(server.selector, '10.77.2.2')
    print('ready', flush=True)
    server.run()


main()
