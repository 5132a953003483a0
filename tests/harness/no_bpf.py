# SPDX-License-Identifier: GPL-2.0-or-later
"""no_bpf.py COMMAND...: run it as on a kernel that knows no program type of ours.

A seccomp filter answers bpf(BPF_PROG_LOAD) with EINVAL, as such a kernel does.
"""
import ctypes
import errno
import os
import platform
import struct
import sys

NUMBER = {"x86_64": 321, "aarch64": 280}[platform.machine()]
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
BPF_PROG_LOAD = 5
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


code = b"".join(struct.pack("<HBBI", *instruction) for instruction in (
    (LOAD_WORD, 0, 0, 0),  # the number of the system call
    (JUMP_EQUAL, 0, 3, NUMBER),
    (LOAD_WORD, 0, 0, 16),  # its first argument
    (JUMP_EQUAL, 0, 1, BPF_PROG_LOAD),
    (RETURN, 0, 0, ERRNO | errno.EINVAL),
    (RETURN, 0, 0, ALLOW),
))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Program(len(code) // 8, code)), 0, 0):
    sys.exit(f"no seccomp: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
