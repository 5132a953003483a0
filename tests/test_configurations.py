# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations as people write them: fork, doctor, and three instances against one.

tests/configurations/ has the files. The first line of each says what is particular about it.
"""
import contextlib
import json
import pathlib
import socket
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.bgp_routers import BgpRouters
from harness.collector import CONFIGURATIONS, NOT_IN_KEY, Collectors, add, prepare, totals
from harness.nfacctd import PREFIX, json_lines
from harness.plain_daemon import PlainDaemon
from harness.pmreuseport import tool
from harness.traffic import Routers

COUNT = 3
FLOWS = ("--version", "5,9,10", "--flows", 6)
# The exporters of both halves send the same records.
HALVES = (("--source", "127.1.0.1+12"), ("--source", "127.1.0.13+12"))
EXPORTERS = 24
HARNESS = pathlib.Path(__file__).with_name("harness")
UDP, BMP, BGP = ("udp", 2055), ("tcp", 1790), ("tcp", 1179)
ROUTES = 3  # of each BMP router
ABOUT_FILES = ("config", "plugins", "instances", "ports", "open_files")


@dataclass
class Case:
    name: str
    # What fork says; what doctor says about the file of each instance; what both say.
    fork: tuple = ()
    doctor: tuple = ()
    both: tuple = ()
    ports: tuple = (UDP,)
    # Fields of the output, and how many values of each are in it. {}: it has no such output.
    values: dict = field(default_factory=dict)
    status: int = 0  # of doctor
    binary: str = "nfacctd"
    background: bool = False

    def __str__(self):
        return self.name


CASES = [
    Case("no-spaces", values={"peer_src_ip": EXPORTERS}),
    Case("wide-spaces", values={"peer_ip_src": EXPORTERS, "port_src": 6}),
    Case(
        "sections",
        both=(
            "line 19: pmacct ignores this line: it cannot include files, so the included file is "
            "not checked; put its keys into this file",
        ),
        doctor=(
            'line 26 of FILE has a key "nfacctd_pre_processing_checks", which DAEMON does not '
            "know, and ignores; remove it, or install a version that knows it",
        ),
        values={"peer_ip_src": EXPORTERS},
    ),
    Case("two-plugins", values={"peer_ip_src": EXPORTERS, "src_port": 6}),
    Case("relative", values={"as_src": 2, "as_dst": 1}),
    Case("pretag", values={"label": 2, "tag": 1}),
    Case("sampling-map", values={"peer_ip_src": EXPORTERS}),
    Case("ext-sampling", values={"ip_src": 12}),
    Case("primitives", values={"mysrcport": 6}),
    Case("time-bins", values={"peer_ip_src": EXPORTERS}),
    Case("memory"),
    Case("tee"),
    Case(
        "pgsql",
        both=(
            'line 22: sql_dont_try_update is true for plugin "pairs", but its aggregate has '
            "neither peer_src_ip nor a tag of the instance: two instances would insert rows with "
            "one key, and the database refuses those of the second; add one of them, also to the "
            "primary key",
        ),
    ),
    Case("bmp-files", ports=(UDP, BMP), values={"as_dst": EXPORTERS}),
    Case("bmp-dump", ports=(UDP, BMP), values={"src_ip": 12}),
    Case("pmbmpd", ports=(BMP,), binary="pmbmpd"),
    Case(
        "bgp-maps",
        ports=(UDP, BGP),
        values={"peer_as_src": 3, "mpls_vpn_rd": 2, "as_dst": 2},
    ),
    Case(
        "brokers",
        fork=(
            "line 45: bgp_daemon_ha is true: use the same number of instances, and the same "
            "reuseport_seed, at all sites",
        ),
        both=(
            "line 45: bgp_daemon_ha is true without reuseport_seed, so the seed of the mapping is "
            "the name of the cluster: if sites have different names, a router is in another "
            "bucket at the other site, and both may drop what it sends; set reuseport_seed to one "
            "name at all sites",
        ),
        doctor=(
            'line 45 of FILE has a key "bgp_daemon_ha", which DAEMON does not know, and ignores; '
            "remove it, or install a version that knows it",
            'line 50 of FILE has a key "bgp_daemon_ha_cluster_id", which DAEMON does not know, '
            "and ignores; remove it, or install a version that knows it",
            'FILE has a plugin of type "kafka", which DAEMON does not have, and leaves out; '
            "configure pmacct with --enable-kafka, or remove the plugin",
            'FILE has a plugin of type "amqp", which DAEMON does not have, and leaves out; '
            "configure pmacct with --enable-rabbitmq, or remove the plugin",
        ),
        status=1,
    ),
    Case(
        "telemetry",
        fork=(
            "line 8: telemetry_daemon_port_tcp is the same in all files: it is in no hash bucket, "
            "so the kernel spreads its traffic over the instances",
        ),
        values={"peer_ip_src": EXPORTERS},
    ),
    Case("daemonized", background=True, values={"src_net": 1}),
]


def test_every_file_has_a_case():
    assert {f"{case.name}.conf" for case in CASES} == {
        path.name for path in CONFIGURATIONS.glob("*.conf")
    }
    assert len(CASES) == 20


def fork(forks, case, directory):
    """Fork the configuration for instances whose files are in directory."""
    forks(prepare(f"{case.name}.conf", directory), COUNT, name=f"{case.binary}.conf")
    return [made["file"] for made in forks.answer["files"]]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fork_and_doctor(sandbox, forks, tmp_path, case):
    made = fork(forks, case, tmp_path / "three")
    assert forks.answer["warnings"] == [*case.fork, *case.both]
    daemon = PREFIX / "sbin" / case.binary
    files = [word for file in made for word in ("-f", file)]
    done = tool("doctor", "--json", "--daemon", daemon, *files)
    said = [
        f"{check['says']}; {check['fix']}"
        for check in json.loads(done.stdout)["checks"]
        if check["result"] != "ok" and check["check"] in ABOUT_FILES
    ]
    expected = [*(f"FILE: {text}" for text in case.both), *case.doctor]
    for file in made:
        about = [text.replace(file, "FILE").replace(str(daemon), "DAEMON") for text in said]
        assert [text for text in about if "FILE" in text] == expected
    assert len(said) == COUNT * len(expected)
    assert done.returncode == case.status


def announce(case, directory):
    """Open sessions of all exporters, and wait until all routes are logged. Returns what to end."""
    if BMP in case.ports:
        made = Routers("--source", f"127.1.0.1+{EXPORTERS}", "--routes", ROUTES)
        routes = EXPORTERS * (ROUTES + 1)
    elif BGP in case.ports:
        # The first exporter has flows to 198.18.0.1, which the second session announces.
        made = BgpRouters("127.1.0.0", EXPORTERS + 1, BGP[1])
        routes = EXPORTERS + 1
    else:
        return []
    # With the markers behind the last route.
    what = "route_monitor" if BMP in case.ports else "update"
    routes_of = lambda: [message for message in logged(directory) if what in message.values()]
    wait_for("all routes logged", lambda: len(routes_of()) >= routes)
    return [made]


def logged(directory):
    """The messages of BMP and BGP sessions."""
    files = (*directory.glob("out/b[gm]p*.json"), *directory.glob("out/bmp/*"))
    rows = [row for path in files for row in json_lines(path)]
    return [row for row in rows if row["event_type"] == "log"]


@dataclass
class Sent:
    records: list = field(default_factory=list)
    datagrams: Counter = field(default_factory=Counter)  # of each exporter


def send(case, directory):
    """Send flows, except to a daemon without a port for them."""
    sent = Sent()
    if UDP not in case.ports:
        return sent
    one_to_each_route = ("--source", f"127.1.0.1+{EXPORTERS}", "--dst-net", "198.18.0.0")
    for number, half in enumerate([one_to_each_route] if BGP in case.ports else HALVES):
        path = directory / f"sent-{number}"
        report = traffic.flows(*half, *FLOWS, "--records", path)
        assert not report["refused"] and not report["unsent"]
        sent.records += traffic.records(path)
        sent.datagrams.update({one["address"]: one["datagrams"] for one in report["sources"]})
    return sent


def run(case, directory, configs, during, command=()):
    collectors = Collectors(directory, configs, case.binary, case.background, command)
    sessions = []
    try:
        collectors.start(case.ports)
        sessions = announce(case, directory)
        found = during(directory, send(case, directory))
        collectors.stop()
        return found
    finally:
        for one in sessions:
            one.end()
        collectors.end()


def nothing(directory, sent):
    return directory


@pytest.fixture
def alone(sandbox, tmp_path):
    """alone(CASE): run one daemon. Returns what DURING(directory, sent) does before its end."""

    def alone(case, during=nothing, **kwargs):
        directory = tmp_path / "one"
        config = tmp_path / f"{case.binary}-alone.conf"
        config.write_bytes(prepare(f"{case.name}.conf", directory))
        return run(case, directory, [config], during, **kwargs)

    return alone


@pytest.fixture
def three(sandbox, forks, tmp_path):
    """three(CASE): the same with the three files that fork makes."""

    def three(case, during=nothing):
        directory = tmp_path / "three"
        return run(case, directory, fork(forks, case, directory), during)

    return three


def case_of(name):
    return next(case for case in CASES if case.name == name)


def without_varying(rows):
    return Counter(
        tuple(sorted((name, str(value)) for name, value in row.items() if name not in NOT_IN_KEY))
        for row in rows
    )


@pytest.mark.parametrize("case", [case for case in CASES if case.values], ids=str)
def test_three_write_what_one_writes(alone, three, case):
    directories = [alone(case), three(case)]
    of_one, of_three = (totals(directory, "flows*") for directory in directories)
    assert of_one == of_three
    values = {
        name: {dict(key)[name] for key in of_one if name in dict(key)} for name in case.values
    }
    assert {name: len(found) for name, found in values.items()} == case.values, values
    of_one, of_three = (without_varying(logged(directory)) for directory in directories)
    assert of_one == of_three
    assert bool(of_one) == (case.ports != (UDP,))


def test_three_pmbmpd_log_what_one_logs(alone, three):
    case = case_of("pmbmpd")
    of_one, of_three = (without_varying(logged(run_(case))) for run_ in (alone, three))
    assert len(of_one) >= EXPORTERS * ROUTES and of_one == of_three


def test_a_directory_that_another_instance_makes_meanwhile(alone, tmp_path):
    """Instances, and plugins, write at the same moment, and all of them make what is missing."""
    library = tmp_path / "mkdir_second.so"
    source = HARNESS / "mkdir_second.c"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source], check=True
    )
    directory = alone(case_of("time-bins"), command=("env", f"LD_PRELOAD={library}"))
    assert len(totals(directory, "flows*")) == EXPORTERS


@pytest.mark.parametrize(
    "name, rate",
    [
        ("ext-sampling", lambda exporter: 256),
        ("sampling-map", lambda exporter: 1024 if int(exporter[8:]) < 8 else 16),
    ],
)
def test_rates_are_applied(three, name, rate):
    directory, sent = three(case_of(name), lambda *both: both)
    packets = sum(counters["packets"] for counters in totals(directory, "flows*").values())
    assert packets == sum(record["packets"] * rate(record["exporter"]) for record in sent.records)


class Relay:
    """Between the pmacct client and a memory table: sends the answer in pieces of a size."""

    def __init__(self, path, piece):
        self.path = path
        self.piece = piece
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(f"{path}-relay")
        self.sock.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """The client asks for the table, and then for the custom primitives."""
        with contextlib.suppress(OSError):  # ended
            while True:
                self.pass_on(self.sock.accept()[0])

    def pass_on(self, client):
        with client, socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(self.path))
            query = b""
            while query[-1:] != b"\4":
                query += client.recv(65536)
            daemon.sendall(query)
            answer = b""
            while got := daemon.recv(65536):
                answer += got
            for at in range(0, len(answer), self.piece):
                client.sendall(answer[at : at + self.piece])

    def end(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(PATIENCE)
        self.sock.close()


def ask_memory(path):
    """The rows that the client prints."""
    done = subprocess.run(
        [PREFIX / "bin" / "pmacct", "-s", "-O", "json", "-p", path],
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("piece", [1 << 20, 1000])
def test_the_client_takes_an_answer_in_any_pieces(alone, piece):
    """A busy machine makes one of two messages, and the end of an answer is no message."""

    def ask_both(directory, sent):
        path = directory / "run" / "hosts.pipe"
        wait_for("all exporters", lambda: len(ask_memory(path)) == EXPORTERS)
        relay = Relay(path, piece)
        try:
            return ask_memory(path), ask_memory(f"{path}-relay")
        finally:
            relay.end()

    direct, relayed = alone(case_of("memory"), ask_both)
    assert direct == relayed and len(direct) == EXPORTERS


def test_three_memory_tables_add_up(alone, three):
    """The client asks one table; the sum over the instances is that of one."""

    def ask_all(directory, sent):
        packets = sum(record["packets"] for record in sent.records)
        found = {}
        for table in ("hosts", "other"):

            def rows():
                sums = {}
                for path in directory.glob(f"run/{table}*.pipe"):
                    add(sums, ask_memory(path))
                return sums

            total = lambda sums: sum(counters["packets"] for counters in sums.values())
            wait_for(f"all packets in {table}", lambda: total(rows()) == packets)
            found[table] = rows()
        return found

    case = case_of("memory")
    of_one, of_three = alone(case, ask_all), three(case, ask_all)
    assert of_one == of_three
    assert len(of_one["hosts"]) == EXPORTERS and len(of_one["other"]) == 6


def test_three_replicators_send_what_one_sends(alone, three):
    """With the addresses of the exporters."""
    receiver = PlainDaemon("udp:127.0.0.1:9055")

    def received(directory, sent):
        got = Counter()

        def all_got():
            got.update(receiver.got("udp:127.0.0.1:9055"))
            return got.total() >= sent.datagrams.total()

        wait_for("all datagrams", all_got)
        return got, sent.datagrams

    try:
        for run_ in (alone, three):
            got, sent = run_(case_of("tee"), received)
            assert got == sent and len(got) == EXPORTERS
    finally:
        receiver.end()


TABLE = """
CREATE TABLE {name} ({columns}, packets bigint, bytes bigint,
    stamp_inserted timestamp, stamp_updated timestamp,
    PRIMARY KEY ({key}, stamp_inserted));
"""


def test_three_write_to_one_database(alone, three, postgres):
    """Rows without the exporter add up if they are updated; if not, some are lost."""
    tables = {
        "sums": ("ip_src", "ip_dst"),
        "exporters": ("peer_ip_src", "ip_src", "ip_dst"),
        "pairs": ("ip_src", "ip_dst"),
    }
    for name, fields in tables.items():
        columns = ", ".join(f"{field} text" for field in fields)
        made = postgres(TABLE.format(name=name, columns=columns, key=", ".join(fields)))
        assert made.returncode == 0, made.stderr

    def rows(run_):
        run_(case_of("pgsql"))
        found = {}
        for name, fields in tables.items():
            done = postgres(
                f"SELECT {', '.join(fields)}, sum(packets), sum(bytes) FROM {name} "
                f"GROUP BY {', '.join(fields)} ORDER BY {', '.join(fields)}"
            )
            found[name] = done.stdout.splitlines()
            assert postgres(f"TRUNCATE {name}").returncode == 0
        return found

    of_one, of_three = rows(alone), rows(three)
    assert {name: len(found) for name, found in of_one.items()} == {
        "sums": 12,
        "exporters": EXPORTERS,
        "pairs": 12,
    }
    assert of_three["sums"] == of_one["sums"]
    assert of_three["exporters"] == of_one["exporters"]
    assert of_three["pairs"] != of_one["pairs"]
