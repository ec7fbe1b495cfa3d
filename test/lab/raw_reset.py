"""Forges a RST of a connection from outside it, with a sequence number that is right or wrong by a chosen offset."""

import socket
import struct

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21  # linux/tcp.h
SEND_QUEUE, REPAIR_ON, REPAIR_OFF_NO_PROBE = 2, 1, -1
RST = 0x04


def next_sequence(sock):
    """snd_nxt of an idle connection: exactly what the other end expects next (RFC 5961 3.2 wants it exact)."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_ON)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, SEND_QUEUE)
    sequence = sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) & 0xFFFFFFFF
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, REPAIR_OFF_NO_PROBE)
    # Leaving repair mode forbids reuse of the port (tcp_setsockopt), which the next listener needs.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sequence


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(sock, offset):
    """Sends one RST in the name of `sock`'s own end; offset 0 is exact, 100 in the window, 2**30 far outside."""
    family = sock.family
    source, source_port = sock.getsockname()[:2]
    target, target_port = sock.getpeername()[:2]
    sequence = (next_sequence(sock) + offset) & 0xFFFFFFFF
    header = struct.pack('!HHIIBBHHH', source_port, target_port, sequence, 0, 5 << 4, RST, 0, 0, 0)
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    pseudo = addresses + struct.pack('!BBH', 0, socket.IPPROTO_TCP, len(header))
    header = header[:16] + struct.pack('!H', checksum(pseudo + header)) + header[18:]
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.bind((source, 0))
        raw.sendto(header, (target, 0))
