# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport metrics as a server, and a parser that is independent of Prometheus."""
import contextlib
import http.client
import re
import signal
import socket
import subprocess

from . import PATIENCE, wait_for
from .pmreuseport import TOOL

PORT = 9469
TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? ([0-9.]+)")
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def _unescape(text):
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text)


def _labels(text):
    found, at = {}, 0
    while at < len(text):
        label = _LABEL.match(text, at)
        assert label, f"no label at {at} of {text}"
        assert label[1] not in found
        found[label[1]] = _unescape(label[2])
        at = label.end()
    return found


def parse(text):
    """family -> list of (labels, value). Every family must be in one piece with HELP and TYPE."""
    families, head = {}, None
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert name not in families and words.endswith(".")
            families[name], head = [], None
        elif line.startswith("# TYPE "):
            _, _, of, kind = line.split(" ")
            assert of == name and kind == ("counter" if name.endswith("_total") else "gauge")
            head = name
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample and sample[1] == head, line
            labels = _labels(sample[2] or "")
            assert labels not in [other for other, _ in families[head]], line
            families[head].append((labels, float(sample[3])))
    assert all(families.values())
    return families


def promtool(text):
    """The output of promtool, the checker of Prometheus."""
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Server:
    """A running "metrics --listen", which must end with status 0."""

    def __init__(self, address, *args, command=()):
        self.address = address
        self.process = subprocess.Popen(
            [*command, TOOL, "metrics", "--listen", address, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self):
        line = self.process.stdout.readline()
        if line != "listening\n":
            self.process.wait(PATIENCE)
            raise RuntimeError(self.process.stderr.read())
        return self

    def connection(self):
        kind, _, rest = self.address.partition(":")
        if kind == "unix":
            return UnixConnection(rest)
        host, _, port = self.address.rpartition(":")
        return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=PATIENCE)

    def ask(self, path="/metrics", method="GET", body=None):
        """(status, headers, text)"""
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def families(self):
        status, _, text = self.ask()
        assert status == 200, text
        return parse(text)

    def stop(self, number=signal.SIGTERM):
        """What it has written to standard error."""
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE) == 0
        return self.process.stderr.read()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


@contextlib.contextmanager
def serving(address=f"127.0.0.1:{PORT}", *args, **kwargs):
    server = Server(address, *args, **kwargs)
    try:
        yield server.ready()
    finally:
        server.end()


def wait_metric(server, what, condition, timeout=PATIENCE):
    """Wait until condition(families) is true."""
    return wait_for(what, lambda: condition(server.families()), timeout)
