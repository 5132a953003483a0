# SPDX-License-Identifier: GPL-2.0-or-later
"""A service manager that only listens: it notes what a daemon tells it, see sd_notify(3)."""
import socket
import struct
import time
from collections import namedtuple

from . import wait_for

Word = namedtuple("Word", "time pid text")


class ServiceManager:
    """The socket for notifications, and what has come so far."""

    def __init__(self, path, watchdog):
        """watchdog: the time in seconds after which it would take the daemon for hung."""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(str(path))
        # Starts a daemon as its child would be started. The pid stays the same.
        self.command = ("env", f"NOTIFY_SOCKET={path}", f"WATCHDOG_USEC={watchdog * 1000000:.0f}")
        self._words = []

    def words(self):
        """All messages so far, with the pid of their sender."""
        while True:
            try:
                data, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(12))
            except BlockingIOError:
                return self._words
            (pid, _, _) = struct.unpack("3i", control[0][2])
            self._words.append(Word(time.monotonic(), pid, data.decode()))

    def texts(self):
        return [word.text for word in self.words()]

    def wait(self, text, times=1):
        """Wait until a message has come so many times."""
        wait_for(f"{text} {times} times", lambda: self.texts().count(text) >= times)

    def end(self):
        self.socket.close()
