# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams from more addresses than there can be sockets."""
import socket
import struct

IP_PKTINFO = 8


def in_memory(number):
    """An IPv4 address as the kernel has it in memory."""
    return struct.unpack("=I", struct.pack("!I", number))[0]


class Sender:
    """Sends datagrams from any address in 127.0.0.0/8 through one socket."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.to = ("127.0.0.1", port)

    def send(self, source):
        """source: as in_memory() returns it."""
        control = struct.pack("=iII", 0, source, 0)
        self.socket.sendmsg([b"flow"], [(socket.IPPROTO_IP, IP_PKTINFO, control)], 0, self.to)
