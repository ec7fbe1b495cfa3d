"""A name server of a few lines: answers A and AAAA questions from a table, in the ways that name servers fail."""

import selectors
import socket
import struct

# name -> list of IPv4 addresses, or 'nxdomain', 'servfail', 'mute' (no answer at all). Unknown names do not exist.
ANSWERS = {}
# Names that questions were asked about.
ASKED = set()
TYPE_A = 1
SERVFAIL, NXDOMAIN = 2, 3


def start(selector, address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 53))
    sock.setblocking(False)
    selector.register(sock, selectors.EVENT_READ, lambda: answer(sock))


def answer(sock):
    try:
        query, client = sock.recvfrom(4096)
    except BlockingIOError:
        return
    name, question_type, end = read_question(query)
    ASKED.add(name)
    entry = ANSWERS.get(name, 'nxdomain')
    if entry == 'mute':
        return
    code = {'servfail': SERVFAIL, 'nxdomain': NXDOMAIN}.get(entry, 0) if isinstance(entry, str) else 0
    addresses = entry if isinstance(entry, list) and question_type == TYPE_A else []
    header = query[:2] + struct.pack('!HHHHH', 0x8180 | code, 1, len(addresses), 0, 0)
    records = b''.join(
        b'\xc0\x0c' + struct.pack('!HHIH', TYPE_A, 1, 0, 4) + socket.inet_aton(address) for address in addresses
    )
    sock.sendto(header + query[12:end] + records, client)


def read_question(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return '.'.join(labels).lower(), struct.unpack('!H', query[at + 1 : at + 3])[0], at + 5
