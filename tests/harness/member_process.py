# SPDX-License-Identifier: GPL-2.0-or-later
"""member_process.py LIBRARY NAME PORT: a process with the name NAME (in hex) joins a cluster.

The cluster has one hash bucket. The process prints "joined" and runs until its standard
input ends.
"""
import ctypes
import socket
import sys

from library import join

PR_SET_NAME = 15
SO_REUSEPORT = 15

name = bytes.fromhex(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, SO_REUSEPORT, 1)
sock.bind(("127.0.0.1", int(sys.argv[3])))
ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)
join(sys.argv[1], sock.fileno(), 0, 1)
print("joined", flush=True)
sys.stdin.read()
