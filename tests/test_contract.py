# SPDX-License-Identifier: GPL-2.0-or-later
"""Third-party objects that follow the contract, and objects that do not."""
import os
import pathlib

import pytest

from harness import traffic
from harness.bpf_object import build_modulo
from harness.nfacctd import FLOWS_ONLY, PREFIX, exporters_of
from harness.pmreuseport import ask, refused
from harness.sandbox import pins


@pytest.mark.parametrize("section", ["sk_reuseport/selector", "sk_reuseport"])
def test_third_party_object_balances(cluster, tmp_path, section):
    build_modulo(tmp_path / "modulo.o", f'SECTION="{section}"')
    # A relative path starts at the working directory of the daemon.
    instances = cluster(3, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"})
    report = traffic.flows(
        "--source", "127.1.0.1+60", "--version", "9,10", "--ports", 3, "--flows", 20
    )
    flows = instances.wait_flows(report["records"])
    homes = [exporters_of(records) for records in flows.values()]
    assert sum(map(len, homes)) == len(set().union(*homes)) == 60
    assert all(len(home) > 8 for home in homes), homes
    assert not any(path.endswith(("slots", "members", "counters")) for path in pins())


@pytest.mark.parametrize(
    "words, args",
    [
        ("has no pins", ("pin", "127.1.0.1", 0)),
        ("has no pins", ("unpin", "--all")),
        ("has no pins", ("pins",)),
        ("cannot drain a bucket", ("drain", 0)),
        ("cannot drain a bucket", ("undrain", 0)),
        ("does not count single exporters", ("account", "on")),
        ("does not count single exporters", ("top",)),
        ("has no quarantine", ("quarantine",)),
    ],
)
def test_what_a_third_party_object_cannot_do(cluster, tmp_path, words, args):
    build_modulo(tmp_path / "modulo.o")
    cluster(2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"})
    refused(
        f'the selector of cluster "default" {words}; remove reuseport_bpf_prog to use the '
        "built-in one",
        *args,
    )
    (status,) = ask("status")["clusters"]
    assert (status["pin_count"], status["account"]) == (0, False)


def test_built_in_object_from_a_file(cluster, tmp_path):
    path = PREFIX / "lib" / "pmacct-reuseport" / "reuseport.bpf.o"
    instances = cluster(2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": path})
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 4)
    assert all(instances.wait_flows(report["records"]).values())


def test_third_party_object_takes_over_from_stopped_instances(cluster, tmp_path):
    """The slot table and other maps of the built-in object must not be reused."""
    cluster(2, directory=tmp_path / "ours", keys=FLOWS_ONLY).end()
    build_modulo(tmp_path / "modulo.o")
    instances = cluster(2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"})
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
    homes = [exporters_of(rows) for rows in instances.wait_flows(report["records"]).values()]
    assert all(homes) and sum(map(len, homes)) == 40
    assert not any(path.endswith(("slots", "members", "counters", "decisions")) for path in pins())


def test_another_kind_of_object_beside_live_instances_is_refused(cluster, start, tmp_path):
    cluster(1, keys={**FLOWS_ONLY, "reuseport_hashbucket_count": 2})
    before = pins()
    build_modulo(tmp_path / "modulo.o")
    other = start(1, 2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"})
    assert other.wait_exit() != 0
    assert "without a slot table, unlike the live instances" in other.log()
    assert pins() == before


def test_another_way_of_hashing_beside_live_instances_is_refused(cluster, start, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    build_modulo(tmp_path / "other.o", "FACTOR=0x85ebca6b")
    cluster(
        1, keys={**FLOWS_ONLY, "reuseport_hashbucket_count": 2, "reuseport_bpf_prog": "modulo.o"}
    )
    before = pins()
    other = start(1, 2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "other.o"})
    assert other.wait_exit() != 0
    assert "object other.o has another selector than the live instances" in other.log()
    assert pins() == before


@pytest.mark.parametrize(
    "macro, words",
    [
        ("SELECTOR=other", 'has no program "_selector"'),
        ("SIZE=sizes", 'has no map "size"'),
        ("NONCE_TYPE=BPF_MAP_TYPE_HASH", 'map "nonce" of object bad.o is a hash'),
        ("TARGETS=64", "values of 8 bytes and 64 entries"),
        ('SECTION="socket"', "is a socket_filter program; it must be sk_reuseport"),
        ("UNSAFE", "the kernel refused program"),
    ],
)
def test_objects_off_the_contract_are_refused(start, tmp_path, macro, words):
    build_modulo(tmp_path / "bad.o", macro)
    instance = start(0, 2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "bad.o"})
    assert instance.wait_exit() != 0
    assert words in instance.log()
    if macro == "UNSAFE":
        assert "invalid access to map value" in instance.log()
    assert pins() == []


@pytest.mark.parametrize(
    "what, words",
    [
        ("missing", "cannot open reuseport_bpf_prog bad.o (No such file or directory)"),
        ("text", "bad.o is not a BPF object that libbpf can open"),
        ("empty", "not a regular file"),
        ("directory", "not a regular file"),
        ("fifo", "not a regular file"),
        ("x86", "bad.o is not a BPF object that libbpf can open"),
        ("everybody's", "with mode 666, so others could change it"),
        ("another user's", "is owned by user 65534"),
    ],
)
def test_files_that_are_no_objects_are_refused(start, tmp_path, what, words):
    path = tmp_path / "bad.o"
    if what == "text":
        path.write_text("not an object\n" * 100)
    elif what == "empty":
        path.touch()
    elif what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "x86":
        path.write_bytes(pathlib.Path("/bin/true").read_bytes())
    elif what == "everybody's":
        build_modulo(path)
        path.chmod(0o666)
    elif what == "another user's":
        os.chown(build_modulo(path), 65534, 65534)
    instance = start(0, 2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "bad.o"})
    assert instance.wait_exit() != 0
    assert words in instance.log()
    assert pins() == []
