# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport adopt: daemons without support for buckets, such as nfacctd of Debian."""
import contextlib
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import threading
from collections import Counter

import pytest

from harness import PATIENCE, ledger, maps, traffic, wait_for
from harness.distribution import check_not_split, send_mixed, wait_routers
from harness.nfacctd import FLOWS_ONLY, NO_KEYS, address, key_of
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sandbox import pins

DEBIAN = pathlib.Path("/usr")
V5 = ("--version", "5", "--records-per-packet", 1, "--flows", 1)
SOURCES = ("--source", "127.1.0.1+60")
TO = ("--to", "127.0.0.1:2055")


class Watch:
    """adopt --watch, with a queue of its events."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [TOOL, "adopt", "--watch", "--json", *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def wait(self, name, pid=None, endpoint=""):
        """Take the next event that is not "waiting". It must be this one."""
        while True:
            event = self.events.get(timeout=PATIENCE)
            assert list(event) == [
                "cluster",
                "time",
                "event",
                "pid",
                "command",
                "endpoint",
                "other",
                "reason",
            ]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])
            if event["event"] != "waiting" or name == "waiting":
                break
        assert event["event"] == name, event
        if pid:
            assert event["pid"] == pid
        assert (event["endpoint"] or "").startswith(endpoint)
        return event

    def quiet(self):
        """Wait until it has looked at least once more. It must print no event."""
        with pytest.raises(queue.Empty):
            self.events.get(timeout=2.5)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.wait("stopped")
        assert self.process.wait(PATIENCE) == 0

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def watch(sandbox):
    made = []

    def watch(*args):
        made.append(Watch(*args))
        return made[-1]

    yield watch
    for process in made:
        process.end()


def adopt(process, index, count, *args):
    return ask("adopt", "--pid", process.pid, "--index", index, "--count", count, *args)


def listens(port):
    """How many sockets listen on the port."""
    lines = []
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines += pathlib.Path(path).read_text(encoding="ascii").splitlines()[1:]
    return sum(
        line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in lines
    )


def pids(endpoint):
    """bucket -> pid, for the endpoint of the only cluster whose name starts like this"""
    (found,) = (
        row
        for row in ask("status")["clusters"][0]["endpoints"]
        if row["endpoint"].startswith(endpoint)
    )
    return {row["bucket"]: row["pid"] for row in found["buckets"] if row["state"] == "live"}


def wait_debian(instances, count):
    """Wait for so many different flows. Returns index -> flows.

    The plugins of unpatched pmacct sleep on a buffer until more data comes, so more data is
    sent, and left out here. They may also read a buffer twice.
    """

    def flows():
        # With twenty exporters, each of three buckets has some.
        traffic.flows("--source", "127.9.0.1+20", *V5, to=TO)
        found = {
            index: [flow for flow in rows if not flow["peer_ip_src"].startswith("127.9.")]
            for index, rows in instances.flows().items()
        }
        return found if len(different(found)) >= count else None

    return wait_for(f"{count} flows", flows)


def different(found):
    """The flows without the counters, which grow if a buffer is read twice."""
    return {key_of(flow)[:6] for rows in found.values() for flow in rows}


def test_debians_nfacctd_is_sticky(cluster, tmp_path):
    """Like the test in test_distribution: templates from one port, data from four."""
    instances = cluster(3, keys={**FLOWS_ONLY, **NO_KEYS}, prefix=DEBIAN)
    for instance in instances:
        answer = adopt(instance, instance.index, 3)
        assert {**answer, "adopted": None} == {
            "cluster": "default",
            "bucket": instance.index,
            "count": 3,
            "pid": instance.pid,
            "command": "nfacctd",
            "adopted": None,
        }
        (socket,) = answer["adopted"]
        assert socket["endpoint"].startswith("udp-2055-any6-net") and socket["previous"] is None
    sent = send_mixed(tmp_path / "sent", "--ports", 4, "--domains", 2)
    wanted = {key_of(record)[:6] for record in sent}
    assert len(wanted) == len(sent)
    found = wait_debian(instances, len(sent))
    assert different(found) == wanted
    check_not_split(found)
    assert all(found.values())
    instances.stop()
    assert maps.live() == set()


def test_flows_and_bmp_of_debians_nfacctd_meet(cluster, routers):
    instances = cluster(3, keys=NO_KEYS, prefix=DEBIAN)
    wait_for("BMP", lambda: listens(1790) == 3)
    for instance in instances:
        answer = adopt(instance, instance.index, 3)
        assert sorted(row["endpoint"][:8] for row in answer["adopted"]) == ["tcp-1790", "udp-2055"]
    assert pids("udp") == pids("tcp") == {instance.index: instance.pid for instance in instances}
    # Not more: a listen backlog of 1 has room for two, and the others retry in step.
    sources = ("--source", "127.1.0.1+4", "--source", "fd00:1::1+4")
    routers(*sources, "--routes", 3)
    bmp = wait_routers(instances, 8)
    assert {len(where) for where in bmp.values()} == {1}
    report = traffic.flows(*sources, "--version", "9,10", "--flows", 16)
    for index, records in wait_debian(instances, report["records"]).items():
        for flow in records:
            assert bmp[address(flow["peer_ip_src"])] == {index}
    assert ask("rehome", "--dry-run")["home"] == 8
    # The kernel takes the socket of a dead process out of its bucket.
    instances[1].kill()
    wait_for("the bucket empty", lambda: maps.live("tcp") == maps.live("udp") == {0, 2})


def test_watch_finds_what_opens_later_and_what_is_restarted(start, watch, tmp_path):
    """nfacctd opens the BMP port some seconds before or after the port for flows."""
    pidfile = tmp_path / "nfacctd.pid"
    how = {"keys": {**NO_KEYS, "pidfile": pidfile}, "prefix": DEBIAN}
    events = watch("--pidfile", pidfile, "--index", 0, "--count", 2)
    assert "nfacctd.pid" in events.wait("waiting")["reason"]
    first = start(0, directory=tmp_path / "first", **how)
    assert events.wait("found", first.pid)["command"] == "nfacctd"
    both = {events.wait("adopted", first.pid)["endpoint"][:8] for _ in range(2)}
    assert both == {"udp-2055", "tcp-1790"}
    first.kill()
    events.wait("ended", first.pid)
    second = start(0, directory=tmp_path / "second", **how)
    events.wait("back", second.pid)
    assert {events.wait("adopted", second.pid)["endpoint"][:8] for _ in range(2)} == both
    assert pids("udp") == pids("tcp") == {0: second.pid}
    events.stop()
    assert pids("udp") == pids("tcp") == {0: second.pid}


def test_watch_tells_instances_by_their_names(start, watch, tmp_path):
    """nfacctd shows core_proc_name as its arguments, so --watch works with --pid."""
    how = {"keys": {**FLOWS_ONLY, **NO_KEYS}, "prefix": DEBIAN}
    instances = [start(index, **how).wait_ready() for index in range(2)]
    events = [
        watch("--pid", instance.pid, "--index", instance.index, "--count", 2)
        for instance in instances
    ]
    for instance in instances:
        events[instance.index].wait("adopted", instance.pid)
    instances[1].kill()
    events[1].wait("ended")
    again = start(1, directory=tmp_path / "again", **how)
    # Once nfacctd has its sockets, the path of its configuration is not visible any more.
    events[1].wait("back", again.pid)
    events[1].wait("adopted", again.pid, "udp-2055")
    assert pids("udp") == {0: instances[0].pid, 1: again.pid}


def test_commands_of_the_readme(sandbox, watch, tmp_path):
    """The configuration of Debian for two instances, and daemons that go to the background."""
    config = tmp_path / "nfacctd.conf"
    text = pathlib.Path("/etc/pmacct/nfacctd.conf").read_text(encoding="utf-8")
    config.write_text(
        re.sub("^pidfile: .*", f"pidfile: {tmp_path}/nfacctd.pid", text, flags=re.M)
        + f"imt_path: {tmp_path}/nfacctd.pipe\n",
        encoding="utf-8",
    )
    ask("fork", config, "--count", 2, "--dir", tmp_path)
    pidfiles = [tmp_path / f"nfacctd-{index}.pid" for index in range(2)]
    try:
        for index in range(2):
            subprocess.run(
                ["/usr/sbin/nfacctd", "-f", tmp_path / f"nfacctd-{index}.conf"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
                timeout=PATIENCE,
            )
        events = [
            watch("--pidfile", pidfile, "--index", index, "--count", 2)
            for index, pidfile in enumerate(pidfiles)
        ]
        found = {}
        for index in range(2):
            found[index] = events[index].wait("found")["pid"]
            events[index].wait("adopted", found[index], "udp-2100-any6-")
        assert found == {index: int(pidfiles[index].read_text()) for index in range(2)}
        assert pids("udp-2100") == found
    finally:
        for path in tmp_path.glob("*.pid*"):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(path.read_text()), signal.SIGKILL)


def test_text_output(plain_daemon):
    process = plain_daemon("udp:2055", "tcp:1790", "udp:2056")
    done = tool(
        "adopt",
        "--pid",
        process.pid,
        "--index",
        1,
        "--count",
        2,
        "--port",
        2055,
        "--port",
        1790,
        "-c",
        "east",
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [re.sub(r"-net\d+", "", line) for line in done.stdout.splitlines()]
    tail = f'of process {process.pid} (python3) is hash bucket 1 of 2 in cluster "east"'
    assert lines == [f"udp-2055-any {tail}", f"tcp-1790-any {tail}"]
    other = plain_daemon("udp:2055")
    done = tool("adopt", "--pid", other.pid, "--index", 1, "--count", 2, "-c", "east")
    assert done.stdout.endswith(f", taken over from process {process.pid} (python3)\n")
    assert pids("udp") == {1: other.pid} and pids("tcp") == {1: process.pid}


def test_adopted_daemons_are_sticky(plain_daemon):
    processes = [plain_daemon("udp:2055") for _ in range(3)]
    for index, process in enumerate(processes):
        adopt(process, index, 3)
        adopt(process, index, 3)  # a second time is harmless
    for _ in range(3):
        traffic.flows(*SOURCES, *V5, to=TO)
    seen = [Counter(process.got("udp:2055")) for process in processes]
    assert set(sum(seen, Counter()).values()) == {3} and len(sum(seen, Counter())) == 60
    assert all(set(counts.values()) == {3} for counts in seen)
    processes[2].kill()
    traffic.flows(*SOURCES, *V5, to=TO)
    assert sum(len(process.got("udp:2055")) for process in processes[:2]) == 60


def test_sockets_that_are_adopted(plain_daemon):
    process = plain_daemon("udp:0", "tcp:1790", "udp:2055", "tcp:80")
    process.open("tcp:81", reuseport=False)
    process.dup("udp:2055")
    answer = adopt(process, 0, 1)
    assert sorted(row["endpoint"].partition("-any")[0] for row in answer["adopted"]) == [
        "tcp-1790",
        "tcp-80",
        "udp-2055",
    ]
    # It is adopted if it is named.
    port = process.open("udp:0")
    answer = adopt(process, 0, 1, "--port", port)
    assert [row["endpoint"].partition("-any")[0] for row in answer["adopted"]] == [f"udp-{port}"]


def test_all_or_nothing(plain_daemon):
    process = plain_daemon("udp:2055", "tcp:1790")
    adopt(process, 1, 2, "--port", 1790, "--fallback", "drop")
    refused(
        "is in bucket 1 already",
        "adopt",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        2,
        "--fallback",
        "drop",
    )
    assert maps.live("udp") == set() and maps.live("tcp") == {1}
    # If the program were still attached, it would drop every packet without a live bucket.
    traffic.flows(*SOURCES, *V5, to=TO)
    assert len(process.got("udp:2055")) == 60


def test_failed_undo_is_reported(plain_daemon):
    taken, process = plain_daemon("udp:2055"), plain_daemon("udp:2055", "tcp:1790")
    adopt(taken, 0, 2)
    adopt(process, 1, 2, "--port", 1790)
    refused(
        f"was taken from process {taken.pid} (python3), which does not have it back",
        "adopt",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        2,
    )
    assert maps.live("udp") == set()


def test_a_failure_leaves_no_pins(plain_daemon):
    first = plain_daemon("tcp:1790")
    adopt(first, 0, 1, "-c", "other")
    before = pins()
    process = plain_daemon("udp:2055", "tcp:1790")
    refused(
        'is balanced by cluster "other" already',
        "adopt",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        1,
    )
    assert pins() == before


def test_another_network_namespace(plain_daemon):
    """Pins are named after the network namespace of the socket."""
    process = plain_daemon(
        "udp:0",
        "udp:2055",
        command=(
            "unshare",
            "-n",
            "sh",
            "-c",
            "echo 10000 10100 >/proc/sys/net/ipv4/ip_local_port_range && " 'exec "$@"',
            "sh",
        ),
    )
    (socket,) = adopt(process, 0, 1)["adopted"]
    assert socket["endpoint"].startswith("udp-2055-any-net")
    (here,) = adopt(plain_daemon("udp:2055"), 1, 2, "-c", "here")["adopted"]
    assert here["endpoint"] != socket["endpoint"]


def test_nfcapd_without_so_reuseport(sandbox, tmp_path):
    with subprocess.Popen(
        ["nfcapd", "-l", str(tmp_path), "-p", "2055"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as nfcapd:
        try:
            wait_for("nfcapd ready", lambda: ledger.udp_sockets(2055))
            refused(
                f"port 2055 is open in process {nfcapd.pid} (nfcapd) but without SO_REUSEPORT, "
                "so no other process can share it",
                "adopt",
                "--pid",
                nfcapd.pid,
                "--port",
                2055,
                "--index",
                0,
                "--count",
                1,
            )
            assert pins() == []
        finally:
            nfcapd.kill()


@pytest.mark.parametrize(
    "words, sockets, args",
    [
        ("has nothing open on port 2056; list", ["udp:2055"], ("--port", 2055, "--port", 2056)),
        ("has no socket with SO_REUSEPORT that could be in a hash bucket", ["udp:0"], ()),
    ],
)
def test_no_suitable_socket(plain_daemon, words, sockets, args):
    process = plain_daemon(*sockets)
    refused(words, "adopt", "--pid", process.pid, "--index", 0, "--count", 1, *args)
    assert pins() == []


def test_two_sockets_on_one_port(plain_daemon):
    process = plain_daemon("udp:2055", "udp:02055")
    refused(
        "has several sockets on udp-2055-any-",
        "adopt",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        1,
    )


def test_a_session_is_not_a_listener(plain_daemon, sandbox):
    listener = plain_daemon("tcp:1790")
    client = subprocess.Popen(
        [
            "/usr/bin/python3",
            "-c",
            "import socket, sys; s = socket.create_connection(('127.0.0.1', "
            "1790), source_address=('127.0.0.1', 1791)); print(); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with client:
        assert client.stdout.readline() == b"\n"
        refused(
            "has connections on port 1791 but does not listen there",
            "adopt",
            "--pid",
            client.pid,
            "--port",
            1791,
            "--index",
            0,
            "--count",
            1,
        )
        client.stdin.close()
    assert adopt(listener, 0, 1)["adopted"]


def test_settings_of_a_live_cluster_differ(plain_daemon):
    process, other = plain_daemon("udp:2055"), plain_daemon("udp:2055")
    adopt(process, 0, 2)
    refused(
        'is 3, but live instances of cluster "default" use 2',
        "adopt",
        "--pid",
        other.pid,
        "--index",
        2,
        "--count",
        3,
    )
    refused(
        "reuseport_fallback is drop, but live instances",
        "adopt",
        "--pid",
        other.pid,
        "--index",
        1,
        "--count",
        2,
        "--fallback",
        "drop",
    )
    assert maps.live() == {0}


@pytest.mark.parametrize(
    "words, args",
    [
        ("--pid or --pidfile is missing", ("--index", 0, "--count", 1)),
        (
            "--pid and --pidfile exclude each other",
            ("--pid", 1, "--pidfile", "x", "--index", 0, "--count", 1),
        ),
        ("--index is missing", ("--pid", 1, "--count", 1)),
        ("--count is missing", ("--pid", 1, "--index", 1)),
        (
            "--index 2 is out of bounds; with --count 2 it is 0 to 1",
            ("--pid", 1, "--index", 2, "--count", 2),
        ),
        ("--count '129' is out of bounds", ("--pid", 1, "--index", 2, "--count", 129)),
        ("--port '65536' is out of bounds", ("--pid", 1, "--port", 65536)),
        ("--pid '0' is out of bounds", ("--pid", 0)),
        ("--fallback 'kernel' is unknown; give rehash or drop", ("--fallback", "kernel")),
        ('cluster_name is "a.b"', ("--pid", 1, "--index", 0, "--count", 1, "-c", "a.b")),
        ("unexpected argument 'a'; name the cluster with -c a", ("a",)),
    ],
)
def test_wrong_usage(sandbox, words, args):
    refused(words, "adopt", *args, status=2)


def test_no_such_process(plain_daemon, tmp_path):
    process = plain_daemon("udp:2055")
    rest = ("--index", 0, "--count", 1)
    os.kill(process.pid, signal.SIGKILL)
    wait_for("a zombie", lambda: traffic.state(process.pid) == "Z")
    refused(f"there is no process {process.pid}; see ps", "adopt", "--pid", process.pid, *rest)
    process.process.wait(PATIENCE)
    refused(f"there is no process {process.pid}; see ps", "adopt", "--pid", process.pid, *rest)
    refused(
        f"there is no process {process.pid}; see ps",
        "adopt",
        "--watch",
        "--pid",
        process.pid,
        *rest,
    )
    pidfile = tmp_path / "pid"
    refused(
        "pid (No such file or directory); name the pidfile", "adopt", "--pidfile", pidfile, *rest
    )
    for text in ("", "-1", "1x", "99999999999", "0"):
        pidfile.write_text(text)
        refused("does not hold the id of a process", "adopt", "--pidfile", pidfile, *rest)


def test_a_user_without_rights(plain_daemon):
    process = plain_daemon("udp:2055")
    for args in ((), ("--watch",)):
        refused(
            f"cannot take sockets out of process {process.pid} (python3): Permission denied; "
            "run as root with CAP_SYS_PTRACE",
            "adopt",
            "--pid",
            process.pid,
            "--index",
            0,
            "--count",
            1,
            *args,
            command=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"),
        )


def bounded(*capabilities):
    """A command prefix: root with these capabilities and no others."""
    return (
        "setpriv",
        "--bounding-set=-all" + "".join(f",+{name}" for name in capabilities),
        "--inh-caps=-all",
        "--",
    )


def test_two_capabilities_are_enough(plain_daemon):
    process = plain_daemon("udp:2055", "udp:0", "tcp:1790")
    args = ("adopt", "--pid", process.pid, "--index", 0, "--count", 1)
    refused(
        f"cannot take sockets out of process {process.pid} (python3)", *args, command=bounded("bpf")
    )
    refused("run as root or with CAP_BPF", *args, command=bounded("sys_ptrace"))
    assert pins() == []
    done = tool(*args, command=bounded("bpf", "sys_ptrace"))
    assert (done.returncode, done.stderr) == (0, "")
    assert maps.live("udp") == maps.live("tcp") == {0}


def test_watch_by_pid_finds_the_same_arguments(plain_daemon, watch):
    process = plain_daemon("udp:2055", name="one")
    stranger = plain_daemon("udp:2055", name="two")
    plain_daemon(
        "udp:2060", "udp:02060", name="one"
    )  # adopt would refuse two sockets on a port, but this is another port
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid, "udp-2055")
    process.kill()
    events.wait("ended", process.pid)
    plain_daemon("udp:2056", name="one")  # another port
    events.wait("waiting")
    events.quiet()
    again = plain_daemon("udp:2055", name="one")
    events.wait("back", again.pid)
    events.wait("adopted", again.pid, "udp-2055")
    assert pids("udp") == {0: again.pid} and stranger.process.poll() is None


def test_watch_refuses_twins(plain_daemon):
    process, twin = plain_daemon("udp:2055"), plain_daemon("udp:2055")
    refused(
        f"process {twin.pid} runs the same program with the same arguments as {process.pid}",
        "adopt",
        "--watch",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        1,
    )
    assert pins() == []


def test_watch_waits_while_several_processes_match(plain_daemon, watch):
    process = plain_daemon("udp:2055")
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted")
    process.kill()
    events.wait("ended")
    # Stopped, so that it does not look in between.
    events.process.send_signal(signal.SIGSTOP)
    wait_for("it stopped", lambda: traffic.state(events.process.pid) == "T")
    both = [plain_daemon("udp:2055"), plain_daemon("udp:2055")]
    events.process.send_signal(signal.SIGCONT)
    while "say which is meant with --pidfile" not in (event := events.wait("waiting"))["reason"]:
        assert "no process runs" in event["reason"]
    both[0].kill()
    events.wait("back", both[1].pid)


def test_watch_and_single_sockets(plain_daemon, watch):
    """A socket is opened later; another is closed while a child still has it."""
    process = plain_daemon("udp:2055")
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid, "udp-2055")
    process.open("tcp:1790")
    events.wait("adopted", process.pid, "tcp-1790")
    process.fork()
    process.close("udp:2055")
    events.wait("released", process.pid, "udp-2055")
    assert maps.live("udp") == set() and maps.live("tcp") == {0}
    process.open("udp:2055")
    events.wait("adopted", process.pid, "udp-2055")
    events.quiet()


def test_watch_keeps_a_socket_with_an_ephemeral_port(plain_daemon, watch):
    """The kernel may give this port to others now, but the daemon still has the socket."""
    process = plain_daemon("udp:2055")
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid)
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as ports:
        ports.write("2000 60999")
    events.quiet()
    assert maps.live() == {0}
    process.close("udp:2055")
    events.wait("released", process.pid)


def test_watch_empties_the_bucket_of_a_dead_process_whose_child_lives(plain_daemon, watch):
    process = plain_daemon("udp:2055")
    process.fork()
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid)
    process.kill()
    events.wait("ended", process.pid)
    assert maps.live() == set()
    events.wait("waiting")
    events.quiet()


def test_watch_leaves_a_taken_bucket_to_its_new_holder(plain_daemon, watch):
    process, other = plain_daemon("udp:2055", name="one"), plain_daemon("udp:2055", name="two")
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid)
    adopt(other, 0, 1)
    lost = events.wait("lost", process.pid, "udp-2055")
    assert lost["other"] == {
        "pid": other.pid,
        "other_pid_namespace": False,
        "command": "python3",
    }
    events.quiet()
    process.kill()
    events.wait("ended", process.pid)
    again = plain_daemon("udp:2055", name="one")
    events.wait("back", again.pid)
    assert f"is held by another process, {other.pid} (python3)" in events.wait("waiting")["reason"]
    assert pids("udp") == {0: other.pid}
    other.kill()
    events.wait("adopted", again.pid)


def test_watch_respects_leave(plain_daemon, watch):
    process = plain_daemon("udp:2055")
    events = watch("--pid", process.pid, "--index", 0, "--count", 1)
    events.wait("adopted", process.pid)
    ask("leave", 0)
    assert events.wait("lost", process.pid)["other"] is None
    events.quiet()
    assert maps.live() == set()


def test_watch_follows_a_resize(plain_daemon, watch):
    stays, process = plain_daemon("udp:2055", name="zero"), plain_daemon("udp:2055", name="one")
    adopt(stays, 0, 2)
    events = watch("--pid", process.pid, "--index", 1, "--count", 2)
    events.wait("adopted", process.pid)
    ask("resize", 3)
    process.kill()
    events.wait("ended", process.pid)
    again = plain_daemon("udp:2055", name="one")
    events.wait("back", again.pid)
    events.wait("adopted", again.pid)
    ask("resize", 1)
    assert events.wait("lost", again.pid)["reason"] == "the cluster has fewer buckets now"
    assert "has 1 hash buckets, so none with index 1" in events.wait("waiting")["reason"]
    ask("resize", 2)
    events.wait("adopted", again.pid)


def test_watch_text_output(plain_daemon):
    process = plain_daemon("udp:2055")
    with subprocess.Popen(
        [TOOL, "adopt", "--watch", "--pid", str(process.pid), "--index", "0", "--count", "1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        try:
            stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
            line = watching.stdout.readline()
            assert re.fullmatch(
                stamp + rf"adopted udp-2055-any-net\d+ of process {process.pid} " r"\(python3\)\n",
                line,
            )
            process.kill()
            line = watching.stdout.readline()
            assert re.fullmatch(stamp + rf"ended process {process.pid} \(python3\)\n", line)
            watching.send_signal(signal.SIGINT)
            rest = watching.stdout.read().splitlines()
            assert re.fullmatch(stamp + "stopped: adopted sockets stay in their buckets", rest[-1])
            assert watching.wait(PATIENCE) == 0
        finally:
            watching.kill()


def test_watch_refuses_at_the_start(plain_daemon):
    process, other = plain_daemon("udp:2055", name="one"), plain_daemon("udp:2055", name="two")
    adopt(other, 0, 2)
    refused(
        "is 3, but live instances",
        "adopt",
        "--watch",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        3,
    )
    process.open("tcp:1790", reuseport=False)
    refused(
        "but without SO_REUSEPORT",
        "adopt",
        "--watch",
        "--pid",
        process.pid,
        "--index",
        0,
        "--count",
        2,
        "--port",
        2055,
        "--port",
        1790,
    )
