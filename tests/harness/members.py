# SPDX-License-Identifier: GPL-2.0-or-later
"""The records of members; see struct pmr_member_record in bpf/reuseport.h."""
import glob
import json
import struct
import subprocess

from .sandbox import BPFFS

# The offset of a field of 32 bits.
_FIELDS = {"pid": 24, "pid_ns": 28}


def _map(endpoint, index):
    (path,) = glob.glob(f"{BPFFS}/pmacct/default/{endpoint}-*/members")
    return ("pinned", path, "key", str(index), *"000")


def _read(endpoint, index):
    out = subprocess.run(
        ["bpftool", "-j", "map", "lookup", *_map(endpoint, index)],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    return bytes(int(byte, 16) for byte in json.loads(out)["value"])


def field(endpoint, index, name):
    """A field of the record of a bucket."""
    return struct.unpack_from("I", _read(endpoint, index), _FIELDS[name])[0]


def edit(endpoint, index, **fields):
    """Change fields of the record of a bucket."""
    record = bytearray(_read(endpoint, index))
    for name, value in fields.items():
        struct.pack_into("I", record, _FIELDS[name], value)
    subprocess.run(
        ["bpftool", "map", "update", *_map(endpoint, index), "value", *map(str, record)],
        check=True,
    )
