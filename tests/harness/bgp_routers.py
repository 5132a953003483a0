# SPDX-License-Identifier: GPL-2.0-or-later
"""Many BGP sessions, each with one route.

As a program, this file opens the sessions and keeps them until it is ended. A test starts
the program with the class BgpRouters.
"""
import asyncio
import ipaddress
import json
import os
import signal
import struct
import subprocess
import sys

from . import PATIENCE

MARKER = b"\xff" * 16
OPEN, UPDATE, KEEPALIVE = 1, 2, 4


class BgpRouters:
    """Sessions that have announced their route, and stay open until end()."""

    def __init__(self, first, count, port):
        """Routers at count addresses from first on. port: of the daemon, on 127.0.0.1."""
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", __name__, first, str(count), str(port)],
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the routers ended with status {self.process.wait()}")
        self.announced = json.loads(line)["announced"]

    def end(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def _message(kind, body=b""):
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def _open(address):
    return _message(OPEN, struct.pack("!BHH", 4, 64512, 180) + address.packed + b"\0")


def _update(number, address):
    """A /32 of the router's."""
    attributes = (
        b"\x40\x01\x01\x00"  # ORIGIN: IGP
        + b"\x40\x02\x04\x02\x01"
        + struct.pack("!H", 64512)  # AS_PATH
        + b"\x40\x03\x04"
        + address.packed  # NEXT_HOP
    )
    prefix = (
        b"\x20" + ipaddress.IPv4Address(int(ipaddress.IPv4Address("198.18.0.0")) + number).packed
    )
    body = b"\0\0" + struct.pack("!H", len(attributes)) + attributes + prefix
    return _message(UPDATE, body)


async def _read(reader):
    header = await reader.readexactly(19)
    length, kind = struct.unpack("!HB", header[16:])
    await reader.readexactly(length - 19)
    return kind


async def _router(number, address, port, at_once):
    async with at_once:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(str(address), 0)
        )
        writer.write(_open(address))
        while await _read(reader) != OPEN:
            pass
        writer.write(_message(KEEPALIVE) + _update(number, address))
        await writer.drain()
    return reader, writer


async def _main(first, count, port):
    at_once = asyncio.Semaphore(100)
    first = int(ipaddress.IPv4Address(first))
    sessions = [
        asyncio.create_task(_router(number, ipaddress.IPv4Address(first + number), port, at_once))
        for number in range(count)
    ]
    done, _ = await asyncio.wait(sessions, timeout=PATIENCE)
    print(json.dumps({"announced": len(done)}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
