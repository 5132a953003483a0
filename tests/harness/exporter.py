# SPDX-License-Identifier: GPL-2.0-or-later
"""An exporter that sends what a test has made, no faster than nfacctd reads it."""
import pathlib
import socket

from . import wait_for


class Exporter:
    """Sends datagrams, and waits until nfacctd has read them."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.sent = 0

    def send(self, *datagrams, port=2055):
        for datagram in datagrams:
            self.socket.sendto(datagram, ("127.0.0.1", port))
            self.sent += 1
            if not self.sent % 100:
                self.wait_read()

    @staticmethod
    def wait_read():
        """A queue that is empty, or a socket that is gone."""
        lines = lambda: map(str.split, pathlib.Path("/proc/net/udp6").read_text().splitlines()[1:])
        wait_for(
            "empty queue",
            lambda: all(x[4].endswith(":00000000") for x in lines() if x[1].endswith(":0807")),
        )
