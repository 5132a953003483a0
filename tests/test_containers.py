# SPDX-License-Identifier: GPL-2.0-or-later
"""Instances in containers: host network, pid and mount namespaces of their own, one bpffs."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

from harness import PATIENCE, maps, traffic, wait_for
from harness.bpf_object import build_modulo
from harness.containers import CONTAINER, OWN_BPFFS, Container, capable, children, compose, pod
from harness.listen_connect import CONNECT, Listener
from harness.nfacctd import FLOWS_ONLY, exporters_of, refuses_to_start
from harness.pmreuseport import ask, refused, sessions, tool
from harness.sandbox import BPFFS

ROUTERS = 20


@pytest.fixture
def run(sandbox, tmp_path):
    """run(index, count): start a container with one instance, and wait for it."""
    made = []

    def run(index, count, **kwargs):
        made.append(Container(tmp_path, index, count, **kwargs))
        made[-1].start()
        return made[-1]

    yield run
    for container in made:
        container.end()


@pytest.fixture
def containers(run):
    """With the capabilities of the services in compose.yaml."""
    services = compose()
    made = [
        run(index, 3, command=(*CONTAINER, *capable(services[f"nfacctd-{index}"]["cap_add"])))
        for index in range(3)
    ]
    return [container.wait_ready() for container in made]


def buckets(command=()):
    """(protocol, bucket) -> row of status"""
    done = tool("status", "--json", command=command)
    assert (done.returncode, done.stderr) == (0, "")
    (cluster,) = json.loads(done.stdout)["clusters"]
    return {
        (endpoint["endpoint"][0], row["bucket"]): row
        for endpoint in cluster["endpoints"]
        for row in endpoint["buckets"]
    }


def placed(containers, count):
    """Wait for so many sessions. Returns sessions()."""
    return wait_for(
        f"{count} sessions",
        lambda: (found if len(found := sessions(containers)) == count else None),
    )


def test_commands_on_the_host(containers, routers):
    """Each instance is process 1, and the host sees it under another pid."""
    sent = traffic.flows("--source", "127.1.0.1+40", "--flows", 5)
    wait_for("all records", lambda: sum(len(c.flows()) for c in containers) >= sent["records"])
    served = [exporters_of(container.flows()) for container in containers]
    assert all(served) and len(set.union(*served)) == sum(map(len, served)) == 40

    routers("--source", f"127.1.0.1+{ROUTERS}", "--routes", 1, "--reconnect")
    before = placed(containers, ROUTERS)
    rows = buckets(capable(compose()["pmreuseport"]["cap_add"]))
    print({key: (row["pid"], row["sessions"]) for key, row in rows.items()})
    for container in containers:
        for protocol in "ut":
            row = rows[protocol, container.index]
            assert (row["pid"], row["other_pid_namespace"]) == (container.pid, False)
            assert row["command"] == "nfacctd"
        assert row["sessions"] == list(before.values()).count(container.index)
        assert row["open_files"] > row["sessions"]

    moved = next(router for (router, _), index in before.items() if index == 0)
    ask("pin", moved, 1)
    done = tool("rehome", command=capable(compose()["pmreuseport"]["cap_add"]))
    print(done.stdout, done.stderr)
    assert done.stdout.splitlines()[-1] == f"{ROUTERS} sessions: 1 closed, {ROUTERS - 1} at home"
    assert (done.returncode, done.stderr) == (0, "")
    wait_for(
        "the session of the pinned router in its bucket",
        lambda: {index for (router, _), index in sessions(containers).items() if router == moved}
        == {1},
    )


@pytest.fixture
def listen(sandbox, tmp_path):
    """listen(index, count, ARGS..., command=CONTAINER): a member without pmacct."""
    made = []

    def listen(index, count, *args, command=CONTAINER):
        made.append(Listener(tmp_path, index, count, *args, command=command))
        return made[-1].wait_ready()

    yield listen
    for listener in made:
        listener.end()


@contextlib.contextmanager
def connected(count):
    """So many sessions, from as many addresses."""
    command = [CONNECT, "127.0.0.1", "1790", "--from", f"127.1.0.1+{count}", "--rate", "0"]
    with subprocess.Popen(
        [*command, "--connections", str(count), "--timeout", "60", "--hold", "600"],
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(
                "sessions", lambda: sum(r["sessions"] or 0 for r in buckets().values()) == count
            )
            yield
        finally:
            process.kill()


def test_a_stop_of_process_1_writes_all(containers):
    """As "docker stop" does. The plugins end before the pid namespace does."""
    sent = traffic.flows("--source", "127.1.0.1+40", "--flows", 5)
    wait_for("all datagrams", lambda: sum(maps.packets().values()) == sent["datagrams"])
    for container in containers:
        os.kill(container.pid, signal.SIGTERM)
    assert [container.process.wait(PATIENCE) for container in containers] == [0, 0, 0]
    assert sum(len(container.flows()) for container in containers) == sent["records"]


@pytest.fixture
def pause(sandbox):
    """The container of a pod that the others share the pid namespace of."""
    with subprocess.Popen([*CONTAINER, "sleep", "infinity"], stdin=subprocess.DEVNULL) as process:
        (pid,) = wait_for("process 1 of the pod", lambda: children(process.pid))
        yield ("nsenter", f"--target={pid}", "--pid", "--mount")
        process.kill()


def test_the_pod_of_the_daemonset(pause, listen):
    """The command in the sidecar sees the instances, which are children of another container."""
    containers = {container["name"]: container for container in pod()["containers"]}

    def inside(name):
        added = containers[name]["securityContext"]["capabilities"]["add"]
        return (*pause, "unshare", "--mount", *capable(added))

    for index in range(3):
        listen(index, 3, command=inside(f"nfacctd-{index}"))
    with connected(ROUTERS):
        rows = buckets(inside("pmreuseport"))
        assert sum(row["sessions"] or 0 for row in rows.values()) == ROUTERS
        pids = {rows["t", index]["pid"] for index in range(3)}
        assert len(pids) == 3 and max(pids) < min(row["pid"] for row in buckets().values())
        done = tool("rehome", command=inside("pmreuseport"))
        assert done.stdout == f"{ROUTERS} sessions: 0 closed, {ROUTERS} at home\n"
        assert (done.returncode, done.stderr) == (0, "")


def test_rehome_in_a_container_says_what_it_cannot_see(listen):
    """It sees itself only. That is no reason to say that all is well."""
    for index in range(3):
        listen(index, 3)
    with connected(ROUTERS):
        done = tool("rehome", command=CONTAINER)
        print(done.stdout, done.stderr)
        assert done.stdout == f"{ROUTERS} sessions: 0 closed, 0 at home, {ROUTERS} unknown\n"
        assert done.returncode == 1
        assert (
            f"cannot tell which bucket {ROUTERS} of {ROUTERS} sessions are in: the process of "
            "bucket 0 of tcp-1790-" in done.stderr
        )
        assert done.stderr.endswith(
            " cannot be seen from here; run this in the pid namespace of the host, as root with "
            "CAP_SYS_PTRACE\n"
        )
        answer = json.loads(tool("rehome", "--json", command=CONTAINER).stdout)
        assert (answer["hidden"], answer["unknown"], answer["closed"]) == (ROUTERS, 0, 0)
        (cluster,) = json.loads(tool("status", "--json", command=CONTAINER).stdout)["clusters"]
        for endpoint in cluster["endpoints"]:
            for row in endpoint["buckets"]:
                assert (row["pid"], row["sessions"], row["open_files"]) == (None, None, None)


def test_the_process_of_a_socket_without_a_record(listen, tmp_path):
    """An object that keeps no records: the process is the one that has the socket open."""
    selector = ("--object", build_modulo(tmp_path / "modulo.o"))
    outside, inside = listen(0, 2, *selector, command=()), listen(1, 2, *selector)
    (cluster,) = json.loads(tool("status", "--json").stdout)["clusters"]
    for endpoint in cluster["endpoints"]:
        pids = [row["pid"] for row in endpoint["buckets"]]
        assert pids == [outside.pid, *children(inside.pid)]


def test_root_in_a_container_is_told_which_capability_it_lacks(listen):
    """Engines give containers no CAP_SYS_PTRACE."""
    listener = listen(0, 1, command=())
    lacks = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--")
    refused(
        f"cannot tell what pid {listener.pid} has open (Permission denied); add CAP_SYS_PTRACE, "
        "which root lacks here (for a container: --cap-add SYS_PTRACE)",
        "rehome",
        command=lacks,
    )


def test_containers_with_a_bpffs_each(run):
    """The second one is refused: its selector would send it the packets of the first."""
    first = run(0, 2, command=OWN_BPFFS).wait_ready()
    second = run(1, 2, command=OWN_BPFFS)
    log = refuses_to_start(second, "use the bpffs that they use")
    assert "instances on ::, UDP port 2055, are live, but their pins are not in " in log
    sent = traffic.flows("--source", f"127.1.0.1+{ROUTERS}", "--flows", 1)
    wait_for("all records", lambda: len(first.flows()) >= sent["records"])
    assert len(exporters_of(first.flows())) == ROUTERS

    checks = json.loads(tool("doctor", "--json", "-f", second.config).stdout)["checks"]
    ports = [check for check in checks if check["check"] == "ports"]
    print(ports)
    assert [check["result"] for check in ports] == ["fail", "fail"]
    for check, name in zip(ports, ("UDP port 2055", "TCP port 1790")):
        assert check["says"].startswith(f"{name} of {second.config} is open in a live instance ")
        assert check["says"].endswith(f": user 0, pid {first.pid} (nfacctd), on ::")
        assert check["fix"].startswith("let all instances use one bpffs; ")


def test_adopt_with_the_pidfile_of_a_container(plain_daemon, tmp_path):
    """It holds the pid that the daemon sees. On the host that is another process, or none."""
    daemon = plain_daemon("udp:2055", command=CONTAINER)
    (pid,) = children(daemon.pid)
    pidfile = tmp_path / "nfacctd.pid"
    pidfile.write_text("1\n")
    adopt = ("--index", 0, "--count", 1)
    refused(
        f"{pidfile} holds pid 1, which process {pid} (python3) has in another pid "
        f"namespace, such as a container; give the pid that this host sees, such as --pid {pid}",
        "adopt",
        "--pidfile",
        pidfile,
        *adopt,
    )
    # Written before the container started.
    os.utime(pidfile, (0, 0))
    refused("process 1 (", "adopt", "--pidfile", pidfile, *adopt)
    assert ask("adopt", "--pid", pid, *adopt)["pid"] == pid
    assert buckets()["u", 0]["pid"] == pid


def test_a_container_has_the_pid_of_a_daemon_of_the_host(plain_daemon, tmp_path):
    """Only a process that sees the file may have written it."""
    daemon = plain_daemon("udp:2055")
    other = plain_daemon(
        "udp:2056",
        command=(
            *(*CONTAINER, "sh", "-c"),
            f"echo {daemon.pid - 1} >/proc/sys/kernel/ns_last_pid; " 'exec 3<&0; "$@" <&3 & wait',
            "sh",
        ),
    )
    (first,) = children(other.pid)
    (pid,) = children(first)
    adopt = ("--index", 0, "--count", 1)
    seen = tmp_path / "pid"
    seen.write_text(f"{daemon.pid}\n")
    refused(f"holds pid {daemon.pid}, which process {pid} (", "adopt", "--pidfile", seen, *adopt)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/media"], check=True)
    hidden = pathlib.Path("/media/pid")
    hidden.write_text(f"{daemon.pid}\n")
    assert ask("adopt", "--pidfile", hidden, *adopt)["pid"] == daemon.pid


def test_adopted_daemons_with_a_bpffs_each(plain_daemon):
    """An adopted socket has no mark, so that the second is not refused. It says what it does."""
    first, second = plain_daemon("udp:2055"), plain_daemon("udp:2055")
    args = ("--index", 0, "--count", 2)
    (socket,) = ask("adopt", "--pid", first.pid, *args)["adopted"]
    assert socket["outside"] == 1
    bpffs = (
        "unshare",
        "--mount",
        "sh",
        "-c",
        f"mount -t bpf -o mode=0700 bpf {BPFFS} && " 'exec "$@"',
        "sh",
    )
    done = tool("adopt", "--pid", second.pid, *args, command=bpffs)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(
        "; 1 other socket on the same port gets nothing until it is in a bucket, too\n"
    )


def test_an_instance_beside_a_daemon_without_balancing(start, plain_daemon):
    """Both have SO_REUSEPORT. All flows go to the instance, and its log says so."""
    plain_daemon("udp:[::]:2055")
    first = start(0, 2, keys=FLOWS_ONLY).wait_ready()
    words = "flows: 1 other socket(s) on the same address and port are in no hash bucket, and "
    assert f"NOTICE ( nfacctd-0/core ): reuseport: {words}receive nothing until" in first.log()
    assert "other socket(s)" not in start(1, 2, keys=FLOWS_ONLY).wait_ready().log()


def test_the_log_of_a_takeover_in_a_container(start, run, tmp_path):
    start(0, 1, keys=FLOWS_ONLY, directory=tmp_path / "outside").wait_ready()
    log = run(0, 1, keys=FLOWS_ONLY).wait_ready().log()
    assert re.search(r"took hash bucket 0 over from pid \d+ \(nfacctd\) of another pid nam", log)
