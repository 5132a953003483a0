# SPDX-License-Identifier: GPL-2.0-or-later
"""Real nfacctd processes, configured from the samples."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

from . import ROOT, wait_for

PREFIX = pathlib.Path(os.environ.get("PMR_PREFIX", ROOT / "_build" / "prefix"))
# The same without --enable-reuseport.
PLAIN_PREFIX = pathlib.Path(os.environ.get("PMR_PLAIN_PREFIX", ROOT / "_build" / "plain"))
# What to put before each daemon, to run it under something.
COMMAND = os.environ.get("PMR_COMMAND", "").split()
SAMPLES = ROOT / "conf-examples"
# Keys of an instance without BMP, which is ready at once.
FLOWS_ONLY = {"bmp_daemon": "false", "nfacctd_as": None, "nfacctd_net": None}

# The core waits for data, and the plugin has been through its loop once.
READY = ("waiting for NetFlow/IPFIX data", "Purging cache - END")


def render(sample, directory, index, keys=None):
    """A sample as the configuration of one instance, with its files in directory.

    keys replaces or adds keys; a key whose value is None is removed.
    """
    text = (SAMPLES / sample).read_text()
    text = re.sub(r"/(run|var/log|var/lib)/pmacct", str(directory), text)
    for key, value in (keys or {}).items():
        line = "" if value is None else f"{key}: {value}\n"
        text, found = re.subn(rf"^{re.escape(key)}:.*\n", lambda _: line, text, flags=re.M)
        if not found:
            text += line
    return text.replace("@INDEX@", str(index))


def json_lines(path):
    """What is in an output file, which may not be there yet, and may be just being written."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


class Instance:
    """One nfacctd: configuration, process, output."""

    def __init__(
        self,
        directory,
        index,
        count=None,
        sample="nfacctd-print.conf",
        keys=None,
        args=(),
        binary="nfacctd",
        command=(),
        prefix=PREFIX,
        pass_fds=(),
    ):
        self.index = index
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        keys = dict(keys or {})
        if count is not None:
            keys.setdefault("reuseport_hashbucket_count", count)
        self.config = self.directory / f"{binary}-{index}.conf"
        self.config.write_text(render(sample, self.directory, index, keys))
        self.logfile = self.directory / f"nfacctd-{index}.log"
        self.command = [
            *command,
            *COMMAND,
            str(prefix / "sbin" / binary),
            "-f",
            str(self.config),
            *args,
        ]
        self.pass_fds = pass_fds
        self.process = None

    def start(self):
        """A session of its own, so that its plugins can be ended with it."""
        assert not self.logfile.exists(), "another instance's log would look like this one's"
        self.stderr = open(self.directory / f"stderr-{self.index}", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.stderr,
            stderr=self.stderr,
            cwd=self.directory,
            start_new_session=True,
            pass_fds=self.pass_fds,
        )
        return self

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        """All that it said: to its log file, and before it had one."""
        text = pathlib.Path(self.stderr.name).read_text(encoding="utf-8", errors="replace")
        if self.logfile.exists():
            text += self.logfile.read_text(encoding="utf-8", errors="replace")
        return text

    def wait_ready(self, *words, timeout=60):
        def ready():
            log = self.log()
            if all(word in log for word in words or READY):
                return True
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"instance {self.index} ended with status "
                    f"{self.process.returncode}:\n{self.log()}"
                )
            return False

        wait_for(f"instance {self.index} ready", ready, timeout)
        return self

    def wait_exit(self, timeout=60):
        """The exit status of an instance that ends by itself."""
        return self.process.wait(timeout)

    def stop(self):
        """SIGINT: it writes out what it has and ends."""
        os.kill(self.pid, signal.SIGINT)
        return self.process.wait(60)

    def kill(self):
        """SIGKILL to the core process only, as a crash would be."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(10)

    def is_gone(self):
        """Its plugins, too, have written all they have and ended."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self):
        """No process of this instance is left afterwards."""
        if self.process is None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)
        self.stderr.close()

    def flows(self):
        return json_lines(self.directory / f"flows-{self.index}.json")

    def bmp(self):
        return json_lines(self.directory / f"bmp-{self.index}.json")

    def bmp_routers(self):
        """The routers whose BMP messages it has logged."""
        return {
            address(message["bmp_router"])
            for message in self.bmp()
            if message.get("event_type") == "log" and "bmp_router" in message
        }


class Cluster:
    """Several instances, started together and ended together."""

    def __init__(self, directory, count, indices=None, **kwargs):
        """All buckets of count, or those in indices."""
        self.instances = [
            Instance(directory, index, count, **kwargs)
            for index in (range(count) if indices is None else indices)
        ]

    def __iter__(self):
        return iter(self.instances)

    def __getitem__(self, index):
        return self.instances[index]

    def start(self):
        for instance in self.instances:
            instance.start()
        for instance in self.instances:
            instance.wait_ready()
        return self

    def stop(self):
        """All at once: each takes two seconds for it."""
        for instance in self.instances:
            if instance.process.poll() is None:
                os.kill(instance.pid, signal.SIGINT)
        for instance in self.instances:
            instance.process.wait(60)

    def end(self):
        for instance in self.instances:
            instance.end()

    def flows(self):
        """All flows, by index."""
        return {instance.index: instance.flows() for instance in self.instances}

    def wait_flows(self, records, timeout=60):
        """The flows by index, once there are so many."""
        total = lambda: sum(map(len, self.flows().values()))
        with contextlib.suppress(TimeoutError):
            wait_for("all records", lambda: total() >= records, timeout)
        flows = self.flows()
        got = {index: len(rows) for index, rows in flows.items()}
        assert sum(got.values()) >= records, f"{records} records wanted, but {got}"
        return flows


def refuses_to_start(instance, words, status=1):
    """The instance must end by itself and say why. Its log."""
    code = instance.wait_exit()
    log = instance.log()
    assert words in log, log
    assert code == status, log
    return log


def address(text):
    """An exporter as the generator names it: IPv4 without the IPv6 clothes."""
    return text.removeprefix("::ffff:")


def exporters_of(flows):
    return {address(flow["peer_ip_src"]) for flow in flows}


def key_of(record):
    """What two outputs of the same record have in common (and the generator's)."""
    exporter = record.get("exporter") or record["peer_ip_src"]
    return (
        address(exporter),
        record["ip_src"],
        record["ip_dst"],
        int(record["port_src"]),
        int(record["port_dst"]),
        str(record["ip_proto"]),
        int(record["packets"]),
        int(record["bytes"]),
    )
