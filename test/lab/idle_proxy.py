"""A proxy in the middlebox that closes both sides after 2 s without a byte, as load balancers do."""

import selectors
import socket
import struct
import sys
import time

SO_ORIGINAL_DST = 80  # linux/netfilter_ipv4.h
LIMIT_SECONDS = 2.0


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(('0.0.0.0', 7001), backlog=1024)
    selector.register(listener, selectors.EVENT_READ, None)
    pairs = {}
    print('ready', flush=True)
    while True:
        soonest = min((pair['last'] for pair in pairs.values()), default=None)
        wait = None if soonest is None else max(0, soonest + LIMIT_SECONDS - time.monotonic())
        for key, _ in selector.select(wait):
            if key.fileobj is listener:
                accept(listener, selector, pairs)
            else:
                forward(key.fileobj, selector, pairs)
        for pair in list({id(p): p for p in pairs.values()}.values()):
            if time.monotonic() - pair['last'] >= LIMIT_SECONDS:
                end(pair, selector, pairs)


def accept(listener, selector, pairs):
    near, _ = listener.accept()
    port, address = struct.unpack('!2xH4s8x', near.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16))
    far = socket.create_connection((socket.inet_ntoa(address), port))
    pair = {'ends': (near, far), 'last': time.monotonic()}
    for end_of_pair in pair['ends']:
        pairs[end_of_pair] = pair
        selector.register(end_of_pair, selectors.EVENT_READ, None)


def forward(source, selector, pairs):
    pair = pairs.get(source)
    if pair is None:
        return
    near, far = pair['ends']
    try:
        data = source.recv(65536)
        if data:
            pair['last'] = time.monotonic()
            (far if source is near else near).sendall(data)
            return
    except OSError as error:
        sys.stderr.write(f'idle_proxy: {error}\n')
    end(pair, selector, pairs)


def end(pair, selector, pairs):
    for end_of_pair in pair['ends']:
        pairs.pop(end_of_pair, None)
        selector.unregister(end_of_pair)
        end_of_pair.close()


main()
