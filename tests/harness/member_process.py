# SPDX-License-Identifier: GPL-2.0-or-later
"""member_process.py LIBRARY NAME PORT: a process with the name NAME (in hex) joins a cluster.

The cluster has one hash bucket. The process prints "joined" and runs until its standard
input ends.
"""
import ctypes
import socket
import sys

PR_SET_NAME = 15
SO_REUSEPORT = 15

library = ctypes.CDLL(sys.argv[1])
name = bytes.fromhex(sys.argv[2])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, SO_REUSEPORT, 1)
sock.bind(("127.0.0.1", int(sys.argv[3])))
ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)
# Larger than the structures of the library, whatever their members.
error = ctypes.create_string_buffer(4096)
config = ctypes.create_string_buffer(4096)
member = ctypes.c_void_p()
# Only the count and the index are set; the other keys are NULL.
keys = (ctypes.c_char_p * 16)(b"1", b"0")
if library.pmreuseport_configure(keys, config, error) != 1 or library.pmreuseport_join(
    sock.fileno(), config, ctypes.byref(member), error
):
    sys.exit(str(error.raw.replace(b"\0", b"")))
print("joined", flush=True)
sys.stdin.read()
