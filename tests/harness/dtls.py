# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers of nfacctd_dtls_port: handshakes that stay half-open, and whole sessions."""
import os
import re
import socket
import struct
import time

from OpenSSL import SSL

from . import PATIENCE, wait_for
from .nfacctd import FLOWS_ONLY

PORT = 4740
HANDSHAKE = 22
CLIENT_HELLO = 1
HELLO_VERIFY_REQUEST = 3
DTLS_1_2 = b"\xfe\xfd"
LARGEST = 65535


def extension(number, body):
    return struct.pack("!HH", number, len(body)) + body


EXTENSIONS = (
    extension(10, bytes.fromhex("0002 0017"))  # secp256r1
    + extension(11, bytes.fromhex("01 00"))  # uncompressed points
    + extension(13, bytes.fromhex("0004 0403 0401"))  # ECDSA and RSA with SHA-256
)
SUITES = bytes.fromhex("c02b c02f")


def client_hello(random, cookie=b"", number=0):
    """A datagram with a ClientHello."""
    body = DTLS_1_2 + random + b"\0" + bytes([len(cookie)]) + cookie
    body += struct.pack("!H", len(SUITES)) + SUITES + b"\1\0"
    body += struct.pack("!H", len(EXTENSIONS)) + EXTENSIONS
    length = len(body).to_bytes(3, "big")
    message = bytes([CLIENT_HELLO]) + length + struct.pack("!H", number) + bytes(3) + length + body
    return (
        bytes([HANDSHAKE]) + DTLS_1_2 + number.to_bytes(8, "big") + struct.pack("!H", len(message))
    ) + message


def cookie_of(answer):
    """The cookie in a HelloVerifyRequest."""
    assert answer[0] == HANDSHAKE and answer[13] == HELLO_VERIFY_REQUEST, answer
    return answer[28 : 28 + answer[27]]


class Peer:
    """A UDP socket, connected to the collector."""

    def __init__(self, port, source="127.0.0.1", source_port=0):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((source, source_port))
        self.socket.connect(("::1" if ":" in source else "127.0.0.1", port))
        self.socket.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_raw(self, *datagrams):
        for datagram in datagrams:
            self.socket.send(datagram)

    def got_nothing(self):
        self.socket.setblocking(False)
        try:
            return not self.socket.recv(LARGEST)
        except BlockingIOError:
            return True

    def exchange(self, datagram, timeout=1.0):
        """Send until an answer comes. Returns the answer."""
        deadline = time.monotonic() + PATIENCE
        self.socket.settimeout(timeout)
        while True:
            self.socket.send(datagram)
            try:
                return self.socket.recv(LARGEST)
            except TimeoutError:
                assert time.monotonic() < deadline, "no answer"


class HalfOpen(Peer):
    """ClientHello, ClientHello with the cookie, then silence."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cookie = cookie_of(self.exchange(client_hello(os.urandom(32))))
        self.again()

    def again(self):
        """Start a handshake, with the cookie."""
        self.send_raw(client_hello(os.urandom(32), self.cookie, 1))


def records(stream):
    """Each record of a flight: the datagrams to send."""
    while stream:
        length = 13 + int.from_bytes(stream[11:13], "big")
        yield stream[:length]
        stream = stream[length:]


class Session(Peer):
    """A DTLS session of OpenSSL."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tls = SSL.Connection(SSL.Context(SSL.DTLS_METHOD), None)
        self.tls.set_connect_state()
        self.tls.set_ciphertext_mtu(1400)
        self.sent = []

    def datagrams(self):
        """What OpenSSL wants to send."""
        try:
            return list(records(self.tls.bio_read(LARGEST)))
        except SSL.WantReadError:
            return []

    def flush(self):
        made = self.datagrams()
        self.sent += made
        self.send_raw(*made)

    def receive(self, timeout):
        """Hand a datagram of the collector to OpenSSL. Returns False if none comes."""
        self.socket.settimeout(timeout)
        try:
            self.tls.bio_write(self.socket.recv(LARGEST))
        except TimeoutError:
            return False
        return True

    def connect(self):
        """Make the handshake, with retransmission."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.tls.do_handshake()
                self.flush()
                return self
            except SSL.WantReadError:
                self.flush()
            assert time.monotonic() < deadline, "the handshake does not end"
            self.receive(0.2)

    def encrypt(self, data):
        """The datagrams with data, not sent."""
        self.tls.send(data)
        return self.datagrams()

    def send(self, data):
        self.send_raw(*self.encrypt(data))

    def is_closed(self, timeout=0.1):
        """True once the collector has closed the session."""
        self.receive(timeout)
        try:
            self.tls.recv(LARGEST)
        except SSL.WantReadError:
            return False
        except SSL.ZeroReturnError:
            return True
        return False

    def close(self):
        self.tls.shutdown()
        self.flush()


def events(instance):
    """The sum of each counter in the log, and the last state."""
    found = {}
    for line in re.findall(r"\[dtls\] (timed_out=.*)", instance.log()):
        for name, value in re.findall(r"(\w+)=(\d+)", line):
            state = name in ("sessions", "half_open")
            found[name] = int(value) + (0 if state else found.get(name, 0))
    return found


def v5(number):
    """A NetFlow v5 datagram with one record, which has the source port number."""
    header = struct.pack("!HHIIIIBBH", 5, 1, 1000, int(time.time()), 0, number, 0, 0, 0)
    record = (
        socket.inet_aton("10.0.0.1")
        + socket.inet_aton("203.0.113.1")
        + bytes(4)
        + struct.pack("!HHIIIIHH", 1, 2, 1, 100, 0, 1, number, 1024)
        + struct.pack("!BBBBHHBBH", 0, 0, 17, 0, 0, 0, 24, 24, 0)
    )
    return header + record


def keys(certificates, **more):
    return {**FLOWS_ONLY, "nfacctd_dtls_port": PORT, "dtls_path": certificates, **more}


def decoded(instance):
    return {flow["port_src"] for flow in instance.flows()}


def wait_decoded(instance, *numbers):
    wait_for(f"flows {numbers}", lambda: decoded(instance).issuperset(numbers))


def serves(instance, number, source="127.0.0.99"):
    """A new session works."""
    with Session(PORT, source) as session:
        session.connect()
        session.send(v5(number))
        wait_decoded(instance, number)
