# SPDX-License-Identifier: GPL-2.0-or-later
"""joined_process.py LIBRARY FD INDEX COUNT [OBJECT]: put an inherited socket into a hash bucket.

The process prints its pid when it has joined, and runs until its standard input ends. The
socket stays open in the process that passed it.
"""
import ctypes
import os
import sys

library = ctypes.CDLL(sys.argv[1])
# Larger than the structures of the library, whatever their members.
error = ctypes.create_string_buffer(4096)
config = ctypes.create_string_buffer(4096)
member = ctypes.c_void_p()
# In the order of struct pmreuseport_keys: the count, the index, the object.
keys = (ctypes.c_char_p * 16)(
    sys.argv[4].encode(), sys.argv[3].encode(), *(path.encode() for path in sys.argv[5:])
)
if library.pmreuseport_configure(keys, config, error) != 1 or library.pmreuseport_join(
    int(sys.argv[2]), config, ctypes.byref(member), error
):
    sys.exit(str(error.raw.replace(b"\0", b"")))
print(os.getpid(), flush=True)
sys.stdin.read()
