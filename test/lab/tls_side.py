"""The server's half of a TLS connection, run on memory buffers: records can be sent, broken and withheld one by one."""

import os
import socket
import ssl
import struct

VERSIONS = {'1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}
CONTEXTS = {}


def context(certificates, version, certificate, client_certificate):
    key = (version, certificate, client_certificate)
    if key not in CONTEXTS:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = made.maximum_version = VERSIONS[version]
        made.load_cert_chain(
            os.path.join(certificates, certificate + '.pem'), os.path.join(certificates, certificate + '.key')
        )
        if client_certificate:
            made.verify_mode = ssl.CERT_REQUIRED
            made.load_verify_locations(os.path.join(certificates, 'ca.pem'))
        CONTEXTS[key] = made
    return CONTEXTS[key]


class TlsSide:
    """`plan`: version, certificate (file name), and `first`: what only the first connection of an address meets."""

    def __init__(self, sock, plan, number, certificates):
        self.sock = sock
        self.hello = plan.get('hello') if number == 1 or plan.get('always') else None
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        demand = bool(plan.get('client_certificate')) and (number == 1 or bool(plan.get('always')))
        self.engine = context(certificates, plan['version'], plan.get('certificate', 'server'), demand).wrap_bio(
            self.incoming, self.outgoing, server_side=True
        )
        self.shaken = False
        self.plain = bytearray()

    def received(self, data):
        """Feeds the engine; False when the connection is to be closed now."""
        if self.hello is not None:
            return self.refuse(self.hello)
        self.incoming.write(data)
        try:
            if not self.shaken:
                self.engine.do_handshake()
                self.shaken = True
            while data := self.engine.read(65536):
                self.plain += data
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.flush()  # the engine's alert
            return False
        self.flush()
        return True

    def taken(self):
        """What the client said since the last call, deciphered."""
        data, self.plain = bytes(self.plain), bytearray()
        return data

    def say(self, data):
        self.engine.write(data)
        self.flush()

    def refuse(self, hello):
        """What a ClientHello meets instead of TLS."""
        if hello == 'mute':
            return True
        if hello == 'plain':
            self.sock.send(b'220 this is not TLS\r\n')
            return True
        if hello == 'rst':
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return False  # 'eof' and 'rst': closed

    def do(self, name):
        if name == 'close_notify':
            try:
                self.engine.unwrap()
            except ssl.SSLWantReadError:
                pass  # ours is written; theirs need not come
        elif name == 'alert':
            # The engine is fed a record that the client never sent; it answers with a real fatal alert (bad_record_mac).
            self.incoming.write(b'\x17\x03\x03\x00\x20' + b'\x5a' * 32)
            try:
                self.engine.read(1)
            except ssl.SSLError:
                pass
        elif name == 'garbage':
            self.sock.send(b'\x17\x03\x03\x00\x40' + b'\xa5' * 64)
            return
        elif name == 'say_tls':
            self.engine.write(b'x' * 100)
        self.flush()

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.sock.send(data)
