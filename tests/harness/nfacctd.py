# SPDX-License-Identifier: GPL-2.0-or-later
"""Real nfacctd processes, configured from the samples."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

from . import PATIENCE, ROOT, wait_for

PREFIX = pathlib.Path(os.environ.get("PMR_PREFIX", ROOT / "_build" / "prefix"))
# A build without --enable-reuseport.
PLAIN_PREFIX = pathlib.Path(os.environ.get("PMR_PLAIN_PREFIX", ROOT / "_build" / "plain"))
# A command in front of each daemon, such as a sanitizer environment.
COMMAND = os.environ.get("PMR_COMMAND", "").split()
SAMPLES = ROOT / "conf-examples"
# Keys of an instance without BMP, which is ready at once.
FLOWS_ONLY = {"bmp_daemon": "false", "nfacctd_as": None, "nfacctd_net": None}
NO_KEYS = {"reuseport_hashbucket_count": None, "reuseport_hashbucket_index": None}
# For pmbmpd, which does not know these keys.
NO_FLOWS = dict.fromkeys(
    (
        "nfacctd_port",
        "nfacctd_pipe_size",
        "nfacctd_templates_file",
        "nfacctd_as",
        "nfacctd_net",
        "plugins",
    )
)

# Logged when the core waits for data and the plugin has run its loop once.
READY = ("waiting for NetFlow/IPFIX data", "Purging cache - END")


def render(sample, directory, index, keys=None):
    """Turn a sample into the configuration of one instance, with its files in directory.

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
    """The complete lines of an output file. The file may not exist yet."""
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
        """Start in a new session, so that end() ends the plugins too."""
        assert not self.logfile.exists(), "the log file belongs to an earlier instance"
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
        """The standard error of the instance and its log file."""
        text = pathlib.Path(self.stderr.name).read_text(encoding="utf-8", errors="replace")
        if self.logfile.exists():
            text += self.logfile.read_text(encoding="utf-8", errors="replace")
        return text

    def resident(self):
        """The memory of the core process, in kB."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def wait_ready(self, *words, timeout=PATIENCE):
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

    def wait_exit(self, timeout=PATIENCE):
        """Wait for an instance that ends by itself. Returns its exit status."""
        return self.process.wait(timeout)

    def stop(self):
        """SIGINT: the instance writes out what it has and ends. Returns its exit status."""
        os.kill(self.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)

    def kill(self):
        """SIGKILL to the core process only, like a crash."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def is_gone(self):
        """True if the core and all plugins have ended."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self):
        """Kill every process of this instance."""
        if self.process is None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(PATIENCE)
        self.stderr.close()

    def flows(self):
        return json_lines(self.directory / f"flows-{self.index}.json")

    def bmp(self):
        return json_lines(self.directory / f"bmp-{self.index}.json")

    def bmp_routers(self):
        """The routers whose BMP messages are in the log of the instance."""
        return {
            address(message["bmp_router"])
            for message in self.bmp()
            if message.get("event_type") == "log" and "bmp_router" in message
        }


class Cluster:
    """Several instances that start and end together."""

    def __init__(self, directory, count, indices=None, **kwargs):
        """One instance for each of count buckets, or for those in indices."""
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
        """Stop all at the same time, because each takes two seconds."""
        for instance in self.instances:
            if instance.process.poll() is None:
                os.kill(instance.pid, signal.SIGINT)
        for instance in self.instances:
            instance.process.wait(PATIENCE)

    def end(self):
        for instance in self.instances:
            instance.end()

    def flows(self):
        """index -> flows"""
        return {instance.index: instance.flows() for instance in self.instances}

    def wait_flows(self, records, timeout=PATIENCE):
        """Wait for so many flows in total. Returns index -> flows."""
        total = lambda: sum(map(len, self.flows().values()))
        with contextlib.suppress(TimeoutError):
            wait_for("all records", lambda: total() >= records, timeout)
        flows = self.flows()
        got = {index: len(rows) for index, rows in flows.items()}
        assert sum(got.values()) >= records, f"{records} records wanted, but {got}"
        return flows


def refuses_to_start(instance, words, status=1):
    """The instance must end by itself and log words. Returns its log."""
    code = instance.wait_exit()
    log = instance.log()
    assert words in log, log
    assert code == status, log
    return log


def address(text):
    """The address as the generator writes it: an IPv4-mapped address becomes IPv4."""
    return text.removeprefix("::ffff:")


def exporters_of(flows):
    return {address(flow["peer_ip_src"]) for flow in flows}


def key_of(record):
    """The fields that are equal in every output of one record, and in the generator's."""
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
