# SPDX-License-Identifier: GPL-2.0-or-later
"""libpmreuseport from Python: a join, as a daemon does it."""
import ctypes
import sys

# Larger than the structures of the library that the caller provides.
STRUCTURE = 4096


def load(path):
    library = ctypes.CDLL(path)
    library.pmreuseport_config_new.restype = ctypes.c_void_p
    library.pmreuseport_config_new.argtypes = [ctypes.c_void_p]
    library.pmreuseport_config_free.argtypes = [ctypes.c_void_p]
    library.pmreuseport_config_set_count.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    library.pmreuseport_config_set_index.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    library.pmreuseport_config_set_bpf_prog.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_void_p,
    ]
    library.pmreuseport_join.argtypes = [
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    return library


def join(path, fd, index, count, bpf_prog=None):
    """Put a socket into a hash bucket, or end the process with the reason."""
    library = load(path)
    error = ctypes.create_string_buffer(STRUCTURE)
    member = ctypes.c_void_p()
    config = library.pmreuseport_config_new(error)
    library.pmreuseport_config_set_count(config, count)
    library.pmreuseport_config_set_index(config, index)
    if library.pmreuseport_config_set_bpf_prog(
        config, bpf_prog and bpf_prog.encode(), error
    ) or library.pmreuseport_join(fd, config, ctypes.byref(member), error):
        sys.exit(str(error.raw.replace(b"\0", b"")))
    library.pmreuseport_config_free(config)
