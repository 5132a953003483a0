# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon without support for buckets. It opens the sockets that a test asks for.

As a program, this file reads commands from standard input and answers each with a line
of JSON. A test starts and drives the program with the class PlainDaemon.
"""
import errno
import json
import os
import signal
import socket
import subprocess
import sys


class PlainDaemon:
    def __init__(self, *sockets, command=(), name="daemon"):
        """sockets: the sockets to open, such as "udp:2055"."""
        self.args = ["/usr/bin/python3", "-B", os.path.abspath(__file__), name]
        self.process = subprocess.Popen(
            [*command, *self.args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.children = []
        for spec in sockets:
            port = self.open(spec)
            if isinstance(port, str):
                self.end()
                raise OSError(f"cannot open {spec}: {port}")

    @property
    def pid(self):
        return self.process.pid

    def _ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def open(self, spec, reuseport=True, reuseaddr=False):
        """Open "udp:PORT" or "tcp:PORT" on all addresses, or "udp:[ADDRESS]:PORT" on one.

        Returns the port, which the kernel chooses for port 0, or the name of an error.
        """
        return self._ask("open", spec, int(reuseport), int(reuseaddr))

    def close(self, spec):
        self._ask("close", spec)

    def dup(self, spec):
        """Make another descriptor of the same socket."""
        self._ask("dup", spec)

    def fork(self):
        """Make a child that shares all sockets and lives until end()."""
        self.children.append(self._ask("fork"))

    def become(self, user):
        """Change the user of the process. Its sockets stay those of the old one."""
        self._ask("user", user)

    def got(self, spec):
        """Read all queued datagrams. Returns the addresses of their senders."""
        return self._ask("got", spec)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(120)

    def end(self):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(120)
        self.process.stdin.close()
        self.process.stdout.close()


def _open(spec, reuseport, reuseaddr):
    kind, _, rest = spec.partition(":")
    address, _, port = rest.rpartition(":")
    address = address.strip("[]")
    sock = socket.socket(
        socket.AF_INET6 if ":" in address else socket.AF_INET,
        socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM,
    )
    if reuseport:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if reuseaddr:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address or "0.0.0.0", int(port)))
    if kind == "tcp":
        sock.listen(64)
    sock.setblocking(False)
    return sock


def _got(sock):
    found = []
    while True:
        try:
            found.append(sock.recvfrom(65535)[1][0])
        except BlockingIOError:
            return found


def _main():
    sockets = {}
    for line in sys.stdin:
        verb, *args = line.split()
        answer = None
        if verb == "open":
            try:
                sockets[args[0]] = _open(args[0], int(args[1]), int(args[2]))
                answer = sockets[args[0]].getsockname()[1]
            except OSError as error:
                answer = errno.errorcode[error.errno]
        elif verb == "close":
            sockets.pop(args[0]).close()
        elif verb == "dup":
            sockets[f"{args[0]} again"] = sockets[args[0]].dup()
        elif verb == "got":
            answer = _got(sockets[args[0]])
        elif verb == "user":
            os.setuid(int(args[0]))
        elif verb == "fork":
            answer = os.fork()
            if not answer:
                signal.pause()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _main()
