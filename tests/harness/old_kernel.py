# SPDX-License-Identifier: GPL-2.0-or-later
"""old_kernel.py [--maps | --netns] COMMAND...: run COMMAND as on a kernel that is too old.

A seccomp filter answers bpf(BPF_PROG_LOAD) with EINVAL, like a kernel without the program
type. With --maps it refuses bpf(BPF_MAP_CREATE) instead, with --netns
getsockopt(SO_NETNS_COOKIE).
"""
import ctypes
import errno
import os
import platform
import struct
import sys

BPF, GETSOCKOPT = {"x86_64": (321, 55), "aarch64": (280, 209)}[platform.machine()]
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
BPF_MAP_CREATE, BPF_PROG_LOAD, SO_NETNS_COOKIE = 0, 5, 71
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

# The number of a system call, the index of an argument, and its value.
REFUSED = {
    "--maps": (BPF, 0, BPF_MAP_CREATE),
    "--netns": (GETSOCKOPT, 2, SO_NETNS_COOKIE),
}


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


command = sys.argv[1:]
what = REFUSED.get(command[0])
if what:
    command.pop(0)
call, argument, value = what or (BPF, 0, BPF_PROG_LOAD)
code = b"".join(
    struct.pack("<HBBI", *instruction)
    for instruction in (
        (LOAD_WORD, 0, 0, 0),  # the number of the system call
        (JUMP_EQUAL, 0, 3, call),
        (LOAD_WORD, 0, 0, 16 + 8 * argument),
        (JUMP_EQUAL, 0, 1, value),
        (RETURN, 0, 0, ERRNO | errno.EINVAL),
        (RETURN, 0, 0, ALLOW),
    )
)
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
    PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Program(len(code) // 8, code)), 0, 0
):
    sys.exit(f"no seccomp: {os.strerror(ctypes.get_errno())}")
os.execvp(command[0], command)
