# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport metrics: the figures of status for Prometheus, in a file and over HTTP."""
import contextlib
import fcntl
import os
import pathlib
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from datetime import datetime

import pytest

from harness import PATIENCE, freeze, ledger, traffic, wait_for
from harness.bpf_object import build_modulo
from harness.metrics import PORT, TYPE, parse, promtool, serving, wait_metric
from harness.nfacctd import FLOWS_ONLY, PREFIX
from harness.pmreuseport import TOOL, ask, refused, sessions, tool

V5 = ("--version", "5", "--records-per-packet", 1)
SOURCES = ("--source", "127.1.0.1+60", "--source", "fd00:1::1+60")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
MEMBER_PROCESS = pathlib.Path(__file__).parent / "harness" / "member_process.py"
STATES = ("live", "dead", "drained", "awaited", "leaving")


def metrics(*args, stderr=""):
    """Run metrics once and parse the output, which promtool must accept."""
    done = tool("metrics", *args)
    assert done.returncode == 0 and stderr in done.stderr and bool(stderr) == bool(done.stderr)
    assert promtool(done.stdout) == (0, "")
    return parse(done.stdout)


def values(families, name, *labels, **wanted):
    """label, or labels -> value, of the samples with the wanted labels."""
    found = {}
    for own, value in families.get(name, ()):
        if wanted.items() <= own.items():
            key = tuple(own[label] for label in labels)
            assert key not in found
            found[key if len(key) != 1 else key[0]] = value
    return found


def only(families, name, **wanted):
    """The value of the only sample with these labels, or None."""
    found = [value for own, value in families.get(name, ()) if wanted.items() <= own.items()]
    assert len(found) < 2
    return found[0] if found else None


def expected(status):
    """Translate the answer of "status --json": (family, labels) -> value."""
    found = {}

    def add(family, value, labels, **more):
        if value is not None:
            key = f"pmreuseport_{family}", frozenset({**labels, **more}.items())
            assert found.setdefault(key, value) == value

    for cluster in status["clusters"]:
        of = {"cluster": cluster["cluster"]}
        add("buckets", cluster["count"], of)
        add("buckets_in_use", cluster["in_use"], of)
        add("cluster_info", 1, of, fallback=cluster["fallback"])
        add("unknown", 0, of)
        add("pins", cluster["pin_count"], of)
        add("quarantined", cluster["quarantined"], of)
        add("strikes_total", cluster["strikes"], of)
        add("account", int(cluster["account"]), of)
        for endpoint in cluster["endpoints"]:
            name = endpoint["endpoint"]
            at = {**of, "endpoint": name, "protocol": name[:3]}
            for decision, n in (endpoint["decisions"] or {}).items():
                add("decisions_total", n, at, decision=decision)
            for row in endpoint["buckets"]:
                bucket = {"bucket": str(row["bucket"])}
                here = {**at, **bucket}
                if row["bucket"] < cluster["count"]:
                    add("bucket_slots", row["slots"], of, **bucket)
                    add("bucket_drained", int(row["state"] == "drained"), of, **bucket)
                add("bucket_live", int(row["state"] in ("live", "leaving", "drained")), here)
                for state in STATES:
                    add("bucket_state", int(row["state"] == state), here, state=state)
                if row["since"] is not None:
                    add("bucket_info", 1, here, pid=str(row["pid"]), command=row["command"])
                    since = datetime.fromisoformat(row["since"].replace("Z", "+00:00"))
                    add("bucket_joined_timestamp_seconds", since.timestamp(), here)
                add("bucket_packets_total", row["packets"], here)
                add("bucket_bytes_total", row["bytes"], here)
                queue = {"udp": "socket_queue_bytes", "tcp": "socket_backlog"}[at["protocol"]]
                add(queue, row["queue"], here)
                add("socket_drops_total", row["drops"], here)
                add("sessions", row["sessions"], here)
                add("max_sessions", row["max_sessions"], here)
                add("open_files", row["open_files"], here)
                add("open_files_limit", row["open_files_limit"], here)
                add("reattached_total", row["reattached"], here)
    return found


def check_same(families, *args):
    """Every sample comes from "status", and no figure of "status" is missing."""
    found = {
        (name, frozenset(labels.items())): value
        for name, samples in families.items()
        for labels, value in samples
    }
    (version,) = [key for key in found if key[0] == "pmreuseport_build_info"]
    del found[version]
    found = {key: value // 1 for key, value in found.items()}  # status rounds to seconds
    assert found == expected(ask("status", *args))


def test_all_figures_of_status(cluster, routers):
    instances = [*cluster(3)]
    routers(*SOURCES, "--routes", 1)
    wait_for("sessions", lambda: len(sessions(instances)) == 120)
    traffic.flows(*SOURCES, *V5, "--flows", 10)
    wait_for("all read", ledger.all_read)
    families = metrics()
    check_same(families)
    udp, tcp = {"protocol": "udp"}, {"protocol": "tcp"}
    assert (
        sum(values(families, "pmreuseport_bucket_packets_total", "bucket", **udp).values()) == 1200
    )
    assert sum(values(families, "pmreuseport_sessions", "bucket").values()) == 120
    assert sum(values(families, "pmreuseport_bucket_slots", "bucket").values()) == 16384
    assert values(families, "pmreuseport_decisions_total", "decision", **udp) == {
        "primary": 1200,
        "failover": 0,
        "kernel": 0,
        "dropped": 0,
        "pinned": 0,
        "refused": 0,
    }
    assert set(values(families, "pmreuseport_bucket_info", "pid", **tcp)) == {
        str(instance.pid) for instance in instances
    }
    assert not values(families, "pmreuseport_sessions", "bucket", **udp)
    assert not values(families, "pmreuseport_open_files", "bucket", **udp)
    assert values(families, "pmreuseport_open_files", "bucket") == {
        str(instance.index): len(os.listdir(f"/proc/{instance.pid}/fd")) for instance in instances
    }
    assert values(families, "pmreuseport_max_sessions", "bucket") == {
        str(instance.index): 1000 for instance in instances
    }
    assert values(families, "pmreuseport_open_files_limit", "bucket") == {
        str(instance.index): resource.prlimit(instance.pid, resource.RLIMIT_NOFILE)[0]
        for instance in instances
    }


def test_states_of_a_bucket(cluster):
    instances = cluster(3, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"})
    instances[1].kill()
    ask("resize", 5)
    families = metrics("-c", "default")
    check_same(families, "-c", "default")
    states = [
        [
            state
            for state in STATES
            if only(families, "pmreuseport_bucket_state", bucket=str(b), state=state)
        ]
        for b in range(5)
    ]
    assert states == [["live"], ["dead"], ["live"], ["awaited"], ["awaited"]]
    assert only(families, "pmreuseport_bucket_live", bucket="1") == 0
    assert only(families, "pmreuseport_cluster_info", fallback="drop") == 1


def test_steered(cluster):
    cluster(3, keys=FLOWS_ONLY)
    ask("drain", 1)
    ask("pin", "127.1.0.1", 2)
    ask("pin", "127.1.0.0/30", 0)
    ask("account", "on")
    traffic.flows("--source", "127.1.0.1+10", *V5, "--flows", 10)
    wait_for("all read", ledger.all_read)
    families = metrics()
    check_same(families)
    assert only(families, "pmreuseport_pins") == 2
    assert only(families, "pmreuseport_account") == 1
    assert values(families, "pmreuseport_bucket_drained", "bucket") == {"0": 0, "1": 1, "2": 0}
    assert only(families, "pmreuseport_bucket_state", bucket="1", state="drained") == 1
    assert only(families, "pmreuseport_decisions_total", decision="pinned") == 30
    assert only(families, "pmreuseport_bucket_packets_total", bucket="1") == 0
    # Exporters have no samples, because there may be thousands.
    assert "127.1.0.1" not in str(families)


def test_most_buckets(start):
    start(0, 128, keys=FLOWS_ONLY).wait_ready()
    with serving() as server:
        families = server.families()
        del families["pmreuseport_failed_readings_total"]
        check_same(families)
        assert len(families["pmreuseport_bucket_state"]) == 5 * 128


def test_queue_and_drops(start):
    instance = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    freeze(instance.pid)
    traffic.flows("--source", "127.1.0.1+10", *V5, "--flows", 10000)
    families = metrics()
    ((queue, drops),) = ledger.udp_sockets(2055).values()
    assert drops > 0
    assert only(families, "pmreuseport_socket_queue_bytes") == queue
    assert only(families, "pmreuseport_socket_drops_total") == drops
    check_same(families)


def test_all_clusters(start, tmp_path):
    for name, port in (("b", 2055), ("a", 2056)):
        start(
            0,
            1,
            directory=tmp_path / name,
            keys={**FLOWS_ONLY, "cluster_name": name, "nfacctd_port": port},
        ).wait_ready()
    families = metrics()
    assert [*values(families, "pmreuseport_buckets", "cluster")] == ["a", "b"]
    check_same(families)
    assert [*values(metrics("-c", "b"), "pmreuseport_bucket_live", "cluster")] == ["b"]


@pytest.mark.parametrize(
    "name, shown",
    [
        (b'"a"', '"a"'),
        (b"a\\", "a\\"),
        (b'\\"},x="\\n', '\\"},x="\\n'),
        (b"a\nb 1\n", "a?b 1?"),
        (b"\xff\xc3(\x1b[2J", "??(?[2J"),
        ("é".encode(), "??"),
    ],
)
def test_process_names_are_escaped(sandbox, name, shown):
    with subprocess.Popen(
        [
            sys.executable,
            "-BESs",
            MEMBER_PROCESS,
            PREFIX / "lib" / "libpmreuseport.so",
            name.hex(),
            "2055",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as member:
        assert member.stdout.readline() == b"joined\n"
        families = metrics()
        assert [*values(families, "pmreuseport_bucket_info", "command")] == [shown]
        check_same(families)


def test_third_party_selectors_count_nothing(start, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    start(0, 1, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"}).wait_ready()
    families = metrics()
    for name in ("bucket_slots", "decisions_total", "bucket_info", "bucket_packets_total"):
        assert f"pmreuseport_{name}" not in families
    assert only(families, "pmreuseport_bucket_live", bucket="0") == 1
    check_same(families)


def test_what_cannot_be_told(cluster):
    cluster(1)
    done = tool(
        "metrics", command=("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--")
    )
    assert done.returncode == 0
    assert re.fullmatch(
        "pmreuseport: not all is known of the sockets: cannot tell what pid .*\n", done.stderr
    )
    families = parse(done.stdout)
    assert only(families, "pmreuseport_unknown") == 1
    assert "pmreuseport_sessions" not in families
    assert "pmreuseport_open_files" not in families


def test_sockets_in_another_network_namespace(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    done = tool("metrics", command=("unshare", "--net", "--"))
    assert (done.returncode, done.stderr) == (0, "")
    families = parse(done.stdout)
    assert only(families, "pmreuseport_bucket_live") == 1
    assert only(families, "pmreuseport_bucket_packets_total") == 0
    assert not [name for name in families if name.startswith("pmreuseport_socket_")]


# --output


def test_file(start, tmp_path):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "prom" / "pmreuseport.prom"
    path.parent.mkdir()
    path.write_text("old\n")
    path.chmod(0o600)
    with open(path, encoding="ascii") as old:
        done = tool("metrics", "--output", path, command=("sh", "-c", 'umask 077; exec "$@"', "sh"))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert old.read() == "old\n"
    assert os.listdir(path.parent) == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert promtool(path.read_text()) == (0, "")
    assert path.read_text() == tool("metrics").stdout
    assert tool("metrics", "-o", path.name, command=("env", "-C", path.parent)).returncode == 0


def test_file_is_always_whole(start, tmp_path):
    start(0, 3, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "prom" / "pmreuseport.prom"
    path.parent.mkdir()
    with subprocess.Popen(
        ["sh", "-c", 'while "$0" metrics -o "$1"; do :; done', TOOL, path], start_new_session=True
    ) as writer:
        try:
            wait_for("a file", path.exists)
            files = set()
            while len(files) < 20:
                with open(path, encoding="ascii") as file:
                    files.add(os.fstat(file.fileno()).st_mtime_ns)
                    assert len(parse(file.read())["pmreuseport_bucket_live"]) == 3
                assert {name for name in os.listdir(path.parent) if name.endswith(".prom")} == {
                    path.name
                }
        finally:
            os.killpg(writer.pid, signal.SIGKILL)


@contextlib.contextmanager
def mounted(path, *options):
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)


def test_file_that_cannot_be_written(start, tmp_path):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(
        f"cannot write {tmp_path}/none/x.prom (No such file or directory); check that its "
        "directory exists, has room, and that this user can write to it",
        "metrics",
        "--output",
        tmp_path / "none" / "x.prom",
    )
    with mounted(tmp_path / "full", "-o", "size=4096") as full:
        (full / "x.prom").write_text("old\n")
        refused("(No space left on device)", "metrics", "--output", full / "x.prom")
        assert (full / "x.prom").read_text() == "old\n"
        assert os.listdir(full) == ["x.prom"]
        subprocess.run(["mount", "-o", "remount,ro", full], check=True)
        refused("(Read-only file system)", "metrics", "--output", full / "y.prom")
    for other, words in (
        (tmp_path, "exists and is not a regular file; use another file"),
        ("/dev/null", "exists and is not a regular file"),
        ("", "cannot write  (No such file or directory)"),
    ):
        refused(words, "metrics", "--output", other)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    (tmp_path / "link").symlink_to("nowhere")
    refused("exists and is not a regular file", "metrics", "-o", tmp_path / "link")


def test_a_reading_that_fails_leaves_the_file(sandbox, tmp_path):
    path = tmp_path / "x.prom"
    path.write_text("old\n")
    refused("there is no cluster under", "metrics", "--output", path)
    assert path.read_text() == "old\n" and os.listdir(tmp_path) == ["x.prom"]


# --listen


@pytest.fixture(params=["127.0.0.1", "[::1]", "127.8.8.8", "unix"])
def address(request, tmp_path):
    return f"unix:{tmp_path}/m.sock" if request.param == "unix" else f"{request.param}:{PORT}"


def test_server(start, address):
    start(0, 2, keys=FLOWS_ONLY).wait_ready()
    with serving(address) as server:
        status, headers, text = server.ask()
        assert (status, headers["Content-Type"]) == (200, TYPE)
        assert promtool(text) == (0, "")
        families = parse(text)
        assert families.pop("pmreuseport_failed_readings_total") == [({}, 0)]
        check_same(families)
        status, headers, nothing = server.ask(method="HEAD")
        assert (status, headers["Content-Length"], nothing) == (200, str(len(text)), "")
        assert server.ask("/metrics?x=1")[2] == text
        for path in ("/", "/metrics/", "/metrics2", "/../metrics", "//metrics"):
            assert (answer := server.ask(path))[0] == 404, path
            assert answer[2] == "not found; the only page is /metrics\n"
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "NONE"):
            status, headers, _ = server.ask(method=method, body="x" * 100000)
            assert (status, headers["Allow"]) == (405, "GET, HEAD")
        assert server.ask(method="GET", body="x" * 100000)[2] == text
        assert server.stop() == ""


def test_many_requests_on_one_connection(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with serving() as server, contextlib.closing(server.connection()) as connection:
        for _ in range(3):
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            assert not answer.will_close
            assert "pmreuseport_bucket_live" in answer.read().decode()


def test_no_cluster_at_the_moment(sandbox, start):
    words = "there is no cluster under /sys/fs/bpf/pmacct; start an instance\n"
    with serving() as server:
        for method, text in (("GET", words), ("HEAD", "")):
            status, headers, found = server.ask(method=method)
            assert (status, headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
            assert found == text
        instance = start(0, 1, keys=FLOWS_ONLY).wait_ready()
        assert only(server.families(), "pmreuseport_failed_readings_total") == 2
        instance.stop()
        wait_metric(
            server, "a dead bucket", lambda families: only(families, "pmreuseport_bucket_live") == 0
        )
        ask("remove", "-c", "default")
        assert server.ask()[0] == 503
        # Logged once per failure period, not once per request.
        assert server.stop() == 2 * f"pmreuseport: {words}"


def test_named_cluster_is_another(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with serving(f"127.0.0.1:{PORT}", "-c", "east") as server:
        status, _, text = server.ask()
        assert status == 503 and text.startswith('there is no cluster "east"')


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_end(start, tmp_path, number):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "m.sock"
    with serving(f"unix:{path}") as server:
        assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o660
        with contextlib.closing(server.connection()) as idle:
            idle.connect()
            assert server.stop(number) == ""
    assert not path.exists()


def test_end_while_it_waits_for_the_lock(start, tmp_path):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with serving(f"unix:{tmp_path}/m.sock") as server:
        lock = os.open("/sys/fs/bpf/pmacct", os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.closing(server.connection()) as waits:
            waits.request("GET", "/metrics")
            waits.sock.settimeout(0.5)
            with pytest.raises(TimeoutError):
                waits.getresponse()
            assert server.stop() == ""
        os.close(lock)
    assert not (tmp_path / "m.sock").exists()


def test_one_reading_at_a_time(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with serving() as server:
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(server.ask()[0])) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        tasks = f"/proc/{server.process.pid}/task"
        assert len(os.listdir(tasks)) == 2  # one waits for signals, one answers
        for thread in threads:
            thread.join(PATIENCE)
        assert answers == [200] * 8


def test_idle_connections(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with serving() as server, contextlib.ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(contextlib.closing(server.connection())).connect()
        fds = f"/proc/{server.process.pid}/fd"
        wait_for("some are taken", lambda: len(os.listdir(fds)) > 16)
        assert len(os.listdir(fds)) < 30
        # Idle connections are closed after a while, so that others are accepted.
        assert server.ask()[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\0\xff" * 100000,
        b"\r\n" * 100000,
        b"GET",
        b"GET /metrics HTTP/1.1\r\n",
        b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100000 + b"\r\n",
        b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 100,
    ],
    ids=lambda data: str(data[:16]),
)
def test_clients_that_behave_badly(start, data):
    """They close the connection without reading the answer."""
    start(0, 128, keys=FLOWS_ONLY).wait_ready()
    with serving() as server:
        for _ in range(3):
            with contextlib.closing(server.connection()) as client:
                client.connect()
                with contextlib.suppress(ConnectionError):
                    client.sock.sendall(data)
        assert server.ask()[0] == 200
        assert server.stop() == ""


def test_closed_standard_output(start, tmp_path):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "m.sock"
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([TOOL, "metrics", "--listen", f"unix:{path}"], stdout=writer) as server:
        os.close(writer)
        wait_for("a socket", path.exists)
        server.terminate()
        assert server.wait(PATIENCE) == 0
    assert not path.exists()


def test_foreign_sockets(start, tmp_path):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "m.sock"
    with serving(f"unix:{path}") as first:
        refused(
            f"a process listens on {path}, or may do so; stop that process, or use another path",
            "metrics",
            "--listen",
            f"unix:{path}",
        )
        assert first.ask()[0] == 200
        # A server does not remove the socket of another server.
        path.unlink()
        with serving(f"unix:{path}") as second:
            first.stop()
            assert second.ask()[0] == 200
            second.process.kill()
            second.process.wait(PATIENCE)
    assert path.exists()
    with serving(f"unix:{path}") as third:
        assert third.ask()[0] == 200
        third.stop()
    path.write_text("mine\n")
    refused(f"{path} exists and is not a socket; use another path", "metrics", "-l", f"unix:{path}")
    assert path.read_text() == "mine\n"
    refused(
        f"cannot create the socket {tmp_path}/none/m.sock (No such file or directory)",
        "metrics",
        "-l",
        f"unix:{tmp_path}/none/m.sock",
    )
    with serving():
        refused(
            f"cannot bind to port {PORT} (Address already in use); use another port",
            "metrics",
            "--listen",
            f"127.0.0.1:{PORT}",
        )


def test_foreign_datagram_socket(start, tmp_path):
    """A datagram socket refuses connections, but is not stale."""
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(tmp_path / "m.sock"))
        refused("a process listens on", "metrics", "--listen", f"unix:{tmp_path}/m.sock")
    assert (tmp_path / "m.sock").exists()


@pytest.mark.parametrize(
    "where",
    [
        "0.0.0.0:9469",
        "126.0.0.1:9469",
        "128.0.0.1:9469",
        "192.0.2.1:9469",
        "[::]:9469",
        "[2001:db8::1]:9469",
        "[::ffff:127.0.0.1]:9469",
        "::1:9469",
        "[127.0.0.1]:9469",
        "localhost:9469",
        "127.1:9469",
        "9469",
        ":9469",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "127.0.0.1:1x",
        "127.0.0.1:18446744073709551617",
        "",
        f"{'1' * 300}:1",
        "/run/x.sock",
        "[]:1",
        "[::1:9469",
    ],
)
def test_addresses_that_are_refused(sandbox, where):
    refused(
        f"--listen '{where[:200]}' is not an address for this host only; give 127.0.0.1:PORT, "
        "[::1]:PORT or unix:PATH",
        "metrics",
        "--listen",
        where,
        status=2,
    )


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("unexpected argument 'a'; name the cluster with -c a", ("a",), 2),
        ("--output and --listen exclude each other", ("-o", "x", "-l", "unix:x"), 2),
        (
            "'unix:' has a path that a Unix socket cannot have; give one of 1 to 107 bytes",
            ("-l", "unix:"),
            2,
        ),
        (" has a path that a Unix socket cannot have", ("-l", f"unix:{'x' * 108}"), 2),
        ('there is no cluster "a"', ("-c", "a"), 1),
        ('cluster_name is "../a"', ("-c", "../a"), 1),
        ('cluster_name is "../a"', ("-c", "../a", "-l", f"127.0.0.1:{PORT}"), 1),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, "metrics", *args, status=status)


@pytest.mark.parametrize("args", [(), ("-l", f"127.0.0.1:{PORT}"), ("-o", "/tmp/x.prom")])
def test_a_user_without_rights(start, args):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(
        "cannot read /sys/fs/bpf/pmacct (Permission denied); run as root",
        "metrics",
        *args,
        command=NOBODY,
    )
    assert not os.path.exists("/tmp/x.prom")


def test_while_the_cluster_is_resized(cluster):
    cluster(2, keys=FLOWS_ONLY)
    with serving() as server, subprocess.Popen(
        ["sh", "-c", 'while "$0" resize 4 && "$0" resize 2; do :; done', TOOL],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as resizes:
        try:
            seen = set()
            while len(seen) < 2:
                families = server.families()
                buckets = only(families, "pmreuseport_buckets")
                seen.add(buckets)
                assert len(families["pmreuseport_bucket_live"]) == buckets
                assert sum(values(families, "pmreuseport_bucket_slots", "bucket").values()) == 16384
                assert resizes.poll() is None
        finally:
            os.killpg(resizes.pid, signal.SIGKILL)
        families = parse(tool("metrics").stdout)
        assert only(families, "pmreuseport_buckets") in (2, 4)
        assert server.stop() == ""
