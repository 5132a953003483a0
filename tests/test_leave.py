# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport leave --dead: which sockets have outlived their process."""
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess

import pytest

from harness import PATIENCE, maps, members
from harness.bpf_object import build_modulo
from harness.containers import CONTAINER, children
from harness.listen_connect import Listener
from harness.nfacctd import PREFIX
from harness.plain_daemon import PlainDaemon
from harness.pmreuseport import TOOL, ask, refused, tool

HARNESS = pathlib.Path(__file__).parent / "harness"
LIBRARY = PREFIX / "lib" / "libpmreuseport.so"
JOINED = ("/usr/bin/python3", "-B", str(HARNESS / "joined_process.py"), str(LIBRARY))
# Like one of an unprivileged user, which cannot join but can run pmreuseport.
USER_CONTAINER = (*CONTAINER, "--user", "--map-root-user")
# A pid namespace whose /proc is that of the namespace around it.
OUTER_PROC = ("unshare", "--pid", "--fork", "--kill-child")
TIME_NAMESPACE = ("unshare", "--time", "--boottime", "1000", "--fork", "--kill-child")
# A pid that no other process gets soon.
REUSED = 20000
NO_PROC = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")
# For the processes of another user: root's rights without root's capabilities.
HIDDEN = (
    *("unshare", "--mount", "sh", "-c"),
    "mount -t proc -o hidepid=invisible,gid=65534 proc /proc && "
    'exec setpriv --bounding-set=-all "$@"',
    "sh",
)


class Member:
    """A process that has put a socket of this test into bucket 0 of 1."""

    def __init__(self, sock, command=(), objects=()):
        self.process = subprocess.Popen(
            [*command, *JOINED, str(sock.fileno()), "0", "1", *map(str, objects)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[sock.fileno()],
            text=True,
        )
        self.pid = int(self.process.stdout.readline())

    def end(self):
        if self.process.poll() is not None:
            return
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(PATIENCE) == 0


@pytest.fixture
def sock(sandbox):
    """A socket that stays open until the end of the test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("0.0.0.0", 2055))
        yield sock


@pytest.fixture
def member(sock):
    """member(...): put the socket into its bucket; see Member."""
    with contextlib.ExitStack() as stack:

        def member(**kwargs):
            made = Member(sock, **kwargs)
            stack.callback(made.end)
            return made

        yield member


@pytest.fixture
def plain_daemon(sandbox):
    """plain_daemon(SOCKET..., command=()): see PlainDaemon."""
    with contextlib.ExitStack() as stack:

        def plain_daemon(*args, **kwargs):
            made = PlainDaemon(*args, **kwargs)
            stack.callback(made.end)
            return made

        yield plain_daemon


def released(*args, command=()):
    """How many sockets leave --dead has released."""
    done = tool("leave", "--dead", 0, *args, command=command)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    number = int(done.stdout.split()[0])
    assert maps.live("udp") == (set() if number else {0})
    return number


def is_unknown(why, who, command=()):
    """leave --dead refuses, which --force overcomes."""
    refused(f"cannot tell whether {who} of bucket 0 of ", "leave", "--dead", 0, command=command)
    refused(f" has ended: {why}; look for that process", "leave", "--dead", 0, command=command)
    assert maps.live("udp") == {0}
    assert released("--force", command=command) == 1


def test_a_living_process_keeps_its_bucket(member):
    made = member()
    assert released() == 0
    assert released("--force") == 0
    made.end()
    assert released() == 1


def test_the_cluster_has_no_records(member, tmp_path):
    member(objects=[build_modulo(tmp_path / "modulo.o")])
    is_unknown("the cluster has no record of it", "the process")


def test_force_needs_dead(member):
    refused("--force needs --dead", "leave", "--force", 0, status=2)


def test_the_member_is_in_a_container(member):
    """Its pid is 1, which on this host is another process. The host sees it all the same."""
    made = member(command=CONTAINER)
    assert made.pid == 1
    assert released() == 0
    is_unknown("it is in another pid namespace", "process 1 (python3)", CONTAINER)


def test_the_container_has_ended(member):
    """The host cannot know whether there are processes that it does not see."""
    member(command=CONTAINER).end()
    is_unknown("it is in another pid namespace", "process 1 (python3)")


def test_the_pid_namespace_is_another_one_now(member, plain_daemon):
    """The kernel uses the number of one that has ended again, and each has a process 1."""
    member(command=CONTAINER).end()
    (pid,) = children(plain_daemon("udp:0", command=CONTAINER).pid)
    members.edit("udp", 0, pid_ns=os.stat(f"/proc/{pid}/ns/pid").st_ino)
    is_unknown("it is in another pid namespace", "process 1 (python3)")


@pytest.mark.parametrize("command", [CONTAINER, USER_CONTAINER])
def test_the_command_is_in_a_container(member, command):
    made = member()
    is_unknown("it is in another pid namespace", f"process {made.pid} (python3)", command)


def run_inside(command, sock, script):
    """Run a script of bash in namespaces. Returns what it prints, as lines."""
    return subprocess.run(
        [*command, "bash", "-euc", script, *map(str, JOINED), str(sock.fileno()), "0", "1"],
        pass_fds=[sock.fileno()],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=PATIENCE,
    ).stdout.splitlines()


def test_both_are_in_one_container(sock):
    answers = run_inside(
        CONTAINER,
        sock,
        f"""
        coproc member {{ exec "$0" "$@"; }}
        read -r pid <&"${{member[0]}}"
        {TOOL} leave --dead 0
        exec {{member[1]}}>&-
        wait "$pid"
        {TOOL} leave --dead 0
        """,
    )
    assert [answer.split()[0] for answer in answers] == ["0", "1"]


def test_the_pid_is_reused(sock):
    """The process that joined has ended, and a new one has its pid."""
    first, second, answer = run_inside(
        CONTAINER,
        sock,
        f"""
        echo {REUSED - 1} >/proc/sys/kernel/ns_last_pid
        "$0" "$@" </dev/null
        echo {REUSED - 1} >/proc/sys/kernel/ns_last_pid
        sleep 600 & echo $!
        {TOOL} leave --dead 0
        """,
    )
    assert int(first) == int(second) == REUSED
    assert answer.startswith("1 socket of hash bucket 0 ")


def test_proc_is_of_another_pid_namespace(sock):
    """There the pid of the member is the pid of this test."""
    pid, status, answer = run_inside(
        OUTER_PROC,
        sock,
        f"""
        echo {os.getpid() - 1} >/proc/sys/kernel/ns_last_pid
        coproc member {{ exec "$0" "$@"; }}
        read -r pid <&"${{member[0]}}"
        echo "$pid"
        {TOOL} leave --dead 0 2>&1 || echo "$?"
        """,
    )
    assert int(pid) == os.getpid()
    assert f"process {pid} (python3) of bucket 0 of " in status
    assert " has ended: /proc does not show when it started; " in status
    assert answer == "1"


def test_proc_is_not_mounted(member):
    made = member()
    is_unknown(
        "/proc of this pid namespace is not mounted", f"process {made.pid} (python3)", NO_PROC
    )


def test_the_member_has_no_proc(member):
    made = member(command=NO_PROC)
    is_unknown("its record does not name a pid namespace", f"process {made.pid} (python3)")


def test_the_process_is_hidden(plain_daemon):
    daemon = plain_daemon("udp:2055")
    daemon.become(1000)
    ask("adopt", "--pid", daemon.pid, "--index", 0, "--count", 1)
    # Without the right to signal it, but /proc shows it.
    assert released(command=("setpriv", "--bounding-set=-all")) == 0
    is_unknown("/proc does not show when it started", f"process {daemon.pid} (python3)", HIDDEN)


def test_the_start_time_is_of_another_time_namespace(member):
    made = member(command=TIME_NAMESPACE)
    is_unknown("its start time is of another time namespace", f"process {made.pid} (python3)")


def test_nothing_is_released_if_one_is_unknown(member, plain_daemon):
    """Of two endpoints one has a dead process, and one a process in a container."""
    daemon = plain_daemon("tcp:1790")
    ask("adopt", "--pid", daemon.pid, "--index", 0, "--count", 1)
    daemon.fork()
    daemon.kill()
    member(command=TIME_NAMESPACE)
    refused("its start time is of another time namespace", "leave", "--dead", 0)
    assert maps.live("udp") == maps.live("tcp") == {0}
    assert ask("leave", "--dead", "--force", 0)["released"] == 2


def test_an_adopted_process(plain_daemon):
    daemon = plain_daemon("udp:2055")
    ask("adopt", "--pid", daemon.pid, "--index", 0, "--count", 1)
    assert released() == 0
    daemon.fork()
    daemon.kill()
    assert released() == 1


def test_an_adopted_process_in_a_container(plain_daemon):
    """The record names it by the pid that the command adopt was given."""
    daemon = plain_daemon("udp:2055", command=USER_CONTAINER)
    pids = subprocess.run(["pgrep", "-P", str(daemon.pid)], stdout=subprocess.PIPE, check=True)
    ask("adopt", "--pid", int(pids.stdout), "--index", 0, "--count", 1)
    assert released() == 0
    is_unknown("it is in another pid namespace", f"process {int(pids.stdout)} (python3)", CONTAINER)


def rows(command=()):
    """The bucket in status, and in where."""
    (cluster,) = json.loads(tool("status", "--json", command=command).stdout)["clusters"]
    (row,) = json.loads(tool("where", "192.0.2.1", "--json", command=command).stdout)["exporters"]
    return cluster["endpoints"][0]["buckets"][0], row


def shows(pid, hidden, command=()):
    """What prints the pid of the member prints this one, or that it is hidden."""
    for row in rows(command):
        assert (row["pid"], row["other_pid_namespace"]) == (pid, hidden)
    for args in (("status",), ("where", "192.0.2.1")):
        text = tool(*args, command=command).stdout
        assert re.search(rf" {pid or '[?]'} ?", text), text
        assert text.count("? the process is in a pid namespace that cannot be seen") == hidden


def test_a_member_on_the_host(member):
    made = member()
    shows(made.pid, False)
    shows(None, True, USER_CONTAINER)


def test_a_member_in_a_container(member, plain_daemon):
    """The host sees it under a pid that the container does not know."""
    made = member(command=CONTAINER)
    (pid,) = children(made.process.pid)
    shows(pid, False)
    shows(None, True, CONTAINER)
    daemon = plain_daemon("udp:2055")
    args = ("adopt", "--pid", daemon.pid, "--index", 0, "--count", 1)
    assert tool(*args).stdout.endswith(f", taken over from process {pid} (python3)\n")


def test_a_container_takes_over_from_the_host(sandbox, tmp_path):
    """It cannot see the process, so that the pid says nothing without the pid namespace."""
    outside = Listener(tmp_path, 0, 1).wait_ready()
    inside = Listener(tmp_path, 0, 1, command=CONTAINER)
    try:
        udp, _ = inside.wait_for("ready")["ports"]
    finally:
        inside.end()
        outside.end()
    assert (udp["took_over"], udp["other_pid_namespace"]) == (outside.pid, True)
