# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets to pass to a daemon, and descriptors of the sockets that a daemon has."""
import ctypes
import os
import socket
import struct

from . import ledger
from .nfacctd import address

PIDFD_GETFD = 438
SO_RCVBUFFORCE = 33
QUEUE_BYTES = 64 << 20
SEQUENCE_AT = 16  # in the header of NetFlow v5

_libc = ctypes.CDLL(None, use_errno=True)


def sockets_of(pid, port=2055):
    """Duplicates of the sockets that a process has on a port."""
    inodes = {f"socket:[{inode}]" for inode in ledger.udp_sockets(port)}
    pidfd = os.pidfd_open(pid)
    found = []
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                continue  # closed in the meantime
            if target in inodes:
                fd = _libc.syscall(PIDFD_GETFD, pidfd, int(name), 0)
                if fd < 0:
                    raise OSError(ctypes.get_errno(), f"pidfd_getfd of pid {pid}")
                found.append(socket.socket(fileno=fd))
    finally:
        os.close(pidfd)
    return found


def drain(sock):
    """Read the whole queue: (exporter, sequence number) of each NetFlow v5 datagram."""
    found = []
    while True:
        try:
            data, source = sock.recvfrom(2048, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return found
        (number,) = struct.unpack_from("!I", data, SEQUENCE_AT)
        found.append((address(source[0]), number))


def enlarge_queue(sock):
    """Set a queue size above net.core.rmem_max, which needs root."""
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, QUEUE_BYTES)


def enlarge_queues_of(pid):
    """Enlarge the queues of a process, so that a busy machine does not fail the test."""
    for sock in sockets_of(pid):
        with sock:
            enlarge_queue(sock)


def flow_socket(port=2055):
    """A UDP socket as a service manager makes it, with a queue that lasts for a restart."""
    made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    enlarge_queue(made)
    made.bind(("::", port))
    return made


def bmp_socket(port=1790):
    """A listening TCP socket as a service manager makes it."""
    made = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("::", port))
    made.listen(128)
    return made
