# SPDX-License-Identifier: GPL-2.0-or-later
"""Templates outlive the instance that received them.

The exporters send their templates once, at the start. A process that has not seen them
cannot decode the data.
"""
import json
import os
import pathlib
import re
import socket
import struct
import subprocess

import pytest

from harness import maps, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, SAMPLES, address, refuses_to_start
from harness.exact_kill import is_waiting

SAMPLE = "nfacctd-templates.conf"
ALONE = {"nfacctd_templates_port": None, "nfacctd_templates_receiver": None}
PER_PACKET = 8
# v9 and IPFIX alternate, in both address families
EXPORTERS = ("--source", "127.1.0.1+30", "--source", "fd00:1::1+30", "--version", "9,10")
NAMES = [f"127.1.0.{i}" for i in range(1, 31)] + [f"fd00:1::{i:x}" for i in range(1, 31)]
UNKNOWN = re.compile(r"unknown template \d+ \[(.*):\d+\]")


@pytest.fixture(autouse=True)
def route(sandbox):
    """Run merge-templates as README.md of conf-examples says."""
    subprocess.run("ip -6 route replace multicast ff01::1 dev lo".split(), check=True)


class Load(traffic.Load):
    """The exporters, which send in the background."""

    def __init__(self):
        super().__init__(
            *EXPORTERS, "--refresh", 0, "--records-per-packet", PER_PACKET, "--rate", 800
        )

    def stop(self):
        """End the flows: exporter -> the numbers of its records."""
        return {row["address"]: set(range(row["records"])) for row in super().stop()["sources"]}


@pytest.fixture
def load(sandbox):
    made = []

    def load():
        made.append(Load())
        return made[-1]

    yield load
    for one in made:
        one.end()


def undecoded(instances):
    """exporter -> records that the core could not decode."""
    found = {}
    for instance in instances:
        for exporter in UNKNOWN.findall(instance.log()):
            found[address(exporter)] = found.get(address(exporter), 0) + PER_PACKET
    return found


def merge(directory, index):
    subprocess.run([SAMPLES / "merge-templates", str(index), directory], check=True)


def numbers(instances):
    """exporter -> the numbers of its records in the output."""
    found = {}
    for instance in instances:
        for flow in instance.flows():
            found.setdefault(address(flow["peer_ip_src"]), set()).add(int(flow["port_src"]))
    return found


def sockets(port):
    """The lines of /proc/net/udp6 for a port, split into words."""
    lines = map(str.split, pathlib.Path("/proc/net/udp6").read_text().splitlines()[1:])
    return [line for line in lines if line[1].endswith(f":{port:04X}")]


def finish(instances):
    """Wait until the instances have read all datagrams, and stop them."""
    wait_for("empty queues", lambda: all(line[4].endswith(":00000000") for line in sockets(2055)))
    for instance in instances:
        if instance.process.poll() is None:
            wait_for("nothing in hand", lambda: is_waiting(instance.pid))
    instances.stop()


def kill_one_under_load(cluster, load, directory, keys):
    """Returns the records that reached a survivor, and how many of them were not decoded."""
    instances = cluster(
        4, directory=directory, sample=SAMPLE, keys={**FLOWS_ONLY, "debug": "true", **keys}
    )
    dead, *survivors = instances
    stream = load()
    wait_for("flows of all exporters", lambda: set(NAMES) <= set(numbers(instances)))
    dead.kill()
    maps.flowing(10 * len(NAMES))
    wait_for("its plugin gone", dead.is_gone)
    homeless = numbers([dead])
    sent = stream.stop()
    finish(instances)
    lost, seen = undecoded(survivors), numbers(survivors)
    assert set(lost) <= set(homeless), "templates of a survivor's own exporters are unknown"
    for exporter in homeless:
        got = seen.get(exporter, set())
        assert not got or got == set(range(min(got), len(sent[exporter]))), f"{exporter}: a hole"
    assert any(":" in exporter for exporter in homeless)
    assert any("." in exporter for exporter in homeless)
    decoded = sum(len(seen.get(exporter, ())) for exporter in homeless)
    return decoded + sum(lost.values()), sum(lost.values())


def test_exporters_of_a_killed_instance_are_decoded_by_the_others(cluster, load, tmp_path):
    sent, lost = kill_one_under_load(cluster, load, tmp_path / "alone", ALONE)
    print(f"without: {lost} of {sent} records that reached a survivor are lost")
    assert lost == sent > 0
    sent, lost = kill_one_under_load(cluster, load, tmp_path / "shared", {})
    print(f"with:    {lost} of {sent} records that reached a survivor are lost")
    assert lost == 0 < sent


@pytest.mark.parametrize("before", [False, True], ids=["first-start", "restart"])
def test_instance_that_was_not_there_learns_from_the_files(cluster, start, load, tmp_path, before):
    """The instance gets its exporters in the middle of their data, without a template."""
    keys = {**FLOWS_ONLY, "debug": "true"}
    instances = cluster(
        3, directory=tmp_path, sample=SAMPLE, keys={**keys, "reuseport_hashbucket_count": 4}
    )
    if before:
        late = start(3, 4, directory=tmp_path, sample=SAMPLE, keys=keys).wait_ready()
        traffic.flows("--source", "127.2.0.1+8", "--flows", 8)
        wait_for("templates of an instance that ended", (tmp_path / "templates-3.json").exists)
        late.stop()
        (tmp_path / "nfacctd-3.log").unlink()
    stream = load()
    wait_for("flows of all exporters", lambda: set(NAMES) <= set(numbers(instances)))
    merge(tmp_path, 3)
    late = start(3, 4, directory=tmp_path, sample=SAMPLE, keys=keys).wait_ready()
    maps.flowing(10 * len(NAMES))
    sent = stream.stop()
    instances.instances.append(late)
    finish(instances)
    assert undecoded(instances) == {}
    assert {name: seen for name, seen in numbers(instances).items() if name in sent} == sent
    assert set(NAMES) & set(numbers([late]))


def template(number, *fields):
    """A NetFlow v9 datagram with one template of four-byte fields."""
    body = struct.pack("!HH", number, len(fields))
    body += b"".join(struct.pack("!HH", field, 4) for field in fields)
    return struct.pack("!HHIIII", 9, 1, 0, 0, 0, 0) + struct.pack("!HH", 0, 4 + len(body)) + body


def test_file_is_written_only_when_a_template_is_new_or_another(start, tmp_path):
    start(0, 1, sample=SAMPLE, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "templates-0.json"
    exporter = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    exporter.bind(("127.1.0.1", 0))

    def stored(count):
        lines = path.read_text().splitlines() if path.exists() else []
        found = {line["template_id"]: line for line in map(json.loads, lines)}
        return found if len(lines) == count else None

    def send(*datagrams):
        for datagram in datagrams:
            exporter.sendto(datagram, ("127.0.0.1", 2055))

    send(template(256, 8, 12, 1))
    wait_for("the first template", lambda: stored(1))
    inode = path.stat().st_ino
    send(template(256, 8, 12, 1), template(257, 8, 12))
    both = wait_for("the second template", lambda: stored(2))
    send(template(256, 8))
    now = wait_for("the first template as it is now", lambda: stored(3))
    number = socket.htons(256)  # as pmacct stores it
    assert (both[number]["num"], now[number]["num"]) == (3, 1)
    assert path.stat().st_ino == inode, "the file was replaced"
    exporter.close()


def opened(pid):
    """What a process has open, as far as it can be seen: it may end or close files meanwhile."""
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue


def test_plugins_do_not_keep_the_socket_for_templates(start):
    """A plugin that kept the socket would take templates away from the next process."""
    instance = start(0, 1, sample=SAMPLE, keys=FLOWS_ONLY).wait_ready()
    [line] = sockets(2056)
    processes = filter(str.isdigit, os.listdir("/proc"))
    holders = [int(pid) for pid in processes if f"socket:[{line[9]}]" in opened(pid)]
    assert holders == [instance.pid]


def receivers():
    """The addresses of the sample, without ports and brackets."""
    text = (SAMPLES / SAMPLE).read_text(encoding="utf-8")
    (line,) = re.findall(r"^nfacctd_templates_receiver: (.*)$", text, re.M)
    return [item.rpartition(":")[0].strip("[]") for item in line.split(", ")]


def test_the_text_names_the_addresses_of_the_sample():
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([0-9a-f:.]+(?:%\w+)?)` carries", text)
    assert named == receivers() == ["127.255.255.255", "ff01::1%lo"]


@pytest.mark.parametrize(
    "address, has_route, words",
    [
        ("ff01::1%lo", False, "connect() error: Network is unreachable"),
        ("ff01::1", True, "connect() error: Invalid argument"),
    ],
)
def test_what_ipv6_exporters_need(start, address, has_route, words):
    """The errors that the text names."""
    if not has_route:
        subprocess.run("ip -6 route del multicast ff01::1 dev lo table main".split(), check=True)
    keys = {**FLOWS_ONLY, "nfacctd_templates_receiver": f"[{address}]:2056"}
    refuses_to_start(start(0, 1, sample=SAMPLE, keys=keys), words)
    assert f"`{words}`" in (SAMPLES / "README.md").read_text(encoding="utf-8")
