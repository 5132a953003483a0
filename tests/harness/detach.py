# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process of the same user can do to the selector of a port, and who found it."""
import ctypes
import socket

from .pmreuseport import ask
from .sockets import sockets_of

SO_ATTACH_REUSEPORT_CBPF = 51
SO_DETACH_REUSEPORT_BPF = 68


class Program(ctypes.Structure):
    """struct sock_fprog with one struct sock_filter: the first socket of the group."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def detach(sock):
    sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0)


def replace(sock):
    code = ctypes.create_string_buffer(b"\x06\0\0\0\0\0\0\0", 8)  # BPF_RET | BPF_K, 0
    sock.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, bytes(Program(1, ctypes.addressof(code)))
    )


def attack(pid, what):
    """Do it to the sockets that a process has on the port of flows."""
    for sock in sockets_of(pid):
        with sock:
            what(sock)


def reattached():
    """Bucket -> how often its instance attached the selector again."""
    (cluster,) = ask("status")["clusters"]
    (endpoint,) = cluster["endpoints"]
    return {row["bucket"]: row["reattached"] for row in endpoint["buckets"]}
