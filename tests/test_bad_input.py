# SPDX-License-Identifier: GPL-2.0-or-later
"""Refused configurations: a clear message, a stopped daemon, no pins left."""
import os
import socket
import subprocess

import pytest

from harness import PATIENCE, maps, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, PLAIN_PREFIX, exporters_of, refuses_to_start
from harness.sandbox import BPFFS, pins

COUNT = "reuseport_hashbucket_count"
INDEX = "reuseport_hashbucket_index"


@pytest.mark.parametrize(
    "keys, words",
    [
        ({COUNT: "2x"}, f'{COUNT} is "2x", which is not a plain decimal number'),
        ({COUNT: ""}, f'{COUNT} is "", which is not a plain decimal number'),
        ({COUNT: "1e3"}, f'{COUNT} is "1e3", which is not a plain decimal number'),
        ({INDEX: "2x"}, f'{INDEX} is "2x", which is not a plain decimal number'),
        ({INDEX: ""}, f'{INDEX} is "", which is not a plain decimal number'),
        ({INDEX: "1e3"}, f'{INDEX} is "1e3", which is not a plain decimal number'),
        ({COUNT: "0"}, f"{COUNT} is 0, which is out of range"),
        ({COUNT: "129"}, f"{COUNT} is 129, which is out of range"),
        ({COUNT: "2", INDEX: "2"}, f"{INDEX} is 2, but with {COUNT} 2 it must be 0 to 1"),
        ({INDEX: None}, f"{COUNT} is set but {INDEX} is not"),
        ({COUNT: None}, f"{INDEX} is set but {COUNT} is not"),
        (
            {COUNT: None, INDEX: None, "reuseport_bpf_prog": "a.o"},
            f"reuseport_bpf_prog is set but {COUNT} is not",
        ),
        ({"reuseport_bpf_prog": ""}, "reuseport_bpf_prog is empty"),
        ({"reuseport_fallback": "none"}, 'reuseport_fallback is "none"'),
        ({"reuseport_fallback": ""}, 'reuseport_fallback is ""'),
        (
            {COUNT: None, INDEX: None, "reuseport_fallback": "drop"},
            f"reuseport_fallback is set but {COUNT} is not",
        ),
        ({"cluster_name": "../x"}, 'cluster_name is "../x", which cannot name a cluster'),
        ({"nfacctd_rp_ebpf_prog": "a.o"}, "nfacctd_rp_ebpf_prog are mutually exclusive"),
        (
            {"bmp_daemon": "true", "bmp_daemon_rp_ebpf_prog": "a.o"},
            "bmp_daemon_rp_ebpf_prog are mutually exclusive",
        ),
    ],
)
def test_wrong_keys(start, keys, words):
    instance = start(0, keys={**FLOWS_ONLY, **keys})
    refuses_to_start(instance, words)
    assert pins() == []


@pytest.mark.parametrize(
    "index, words",
    [
        ("4", f"{INDEX} is 4, but"),
        ("", f'{INDEX} is "",'),
        ("x", f'{INDEX} is "x",'),
    ],
)
def test_wrong_index_on_the_command_line(start, index, words):
    refuses_to_start(start(0, keys=FLOWS_ONLY, args=("-x", index)), words)
    assert pins() == []


def test_wrong_keys_show_in_the_exit_status_of_a_daemon(start):
    refuses_to_start(
        start(0, keys={**FLOWS_ONLY, "daemonize": "true", COUNT: "x"}), f'{COUNT} is "x"'
    )


@pytest.mark.parametrize("daemon", ["sfacctd", "pmacctd", "pmbgpd", "pmtelemetryd"])
def test_daemons_that_cannot_be_balanced(start, daemon):
    refuses_to_start(start(0, binary=daemon), "is supported by nfacctd and pmbmpd only")


@pytest.mark.parametrize("daemon", ["nfacctd", "pmbmpd"])
def test_build_without_reuseport(start, daemon):
    refuses_to_start(
        start(0, keys=FLOWS_ONLY, binary=daemon, prefix=PLAIN_PREFIX),
        "was built without --enable-reuseport: rebuild with it or remove the key",
    )
    assert pins() == []


def test_bpffs_is_not_mounted(start):
    subprocess.run(["umount", BPFFS], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", BPFFS], check=True)
    refuses_to_start(
        start(0, keys=FLOWS_ONLY),
        "is not a BPF file system; mount it with: mount -t bpf -o mode=0700 bpf",
    )
    assert os.listdir(BPFFS) == []


def test_bpffs_is_read_only(start):
    subprocess.run(["mount", "-o", "remount,ro", BPFFS], check=True)
    refuses_to_start(
        start(0, keys=FLOWS_ONLY), f"cannot create {BPFFS}/pmacct (Read-only file system)"
    )


def test_directory_that_others_can_write_to(start):
    os.mkdir(f"{BPFFS}/pmacct", 0o700)
    os.mkdir(f"{BPFFS}/pmacct/default")
    os.chmod(f"{BPFFS}/pmacct/default", 0o777)
    refuses_to_start(
        start(0, keys=FLOWS_ONLY), "with mode 777, so others could steer this instance"
    )
    assert len(pins()) == 2


def test_pin_of_another_layout(start):
    os.makedirs(f"{BPFFS}/pmacct/default", 0o700)
    maps.create(f"{BPFFS}/pmacct/default/slots", "array", 8, 1024)
    before = pins()
    log = refuses_to_start(start(0, keys=FLOWS_ONLY), "default/slots has another layout")
    assert f"rm -r {BPFFS}/pmacct/default" in log
    assert pins() == before


def test_no_permission(start):
    """CAP_SYS_ADMIN implies CAP_BPF, so both are dropped."""
    caps = "-bpf,-sys_admin"
    refuses_to_start(
        start(
            0,
            keys=FLOWS_ONLY,
            command=("setpriv", f"--bounding-set={caps}", f"--inh-caps={caps}", "--"),
        ),
        "run as root or with CAP_BPF",
    )
    assert pins() == []


def test_another_user_cannot_write(start, tmp_path):
    """The user may read everything, because a checkout of root may be private."""
    tmp_path.chmod(0o777)
    refuses_to_start(
        start(
            0,
            keys=FLOWS_ONLY,
            command=(
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                "--bounding-set=-all,+bpf,+dac_read_search",
                "--inh-caps=+bpf,+dac_read_search",
                "--ambient-caps=+bpf,+dac_read_search",
                "--",
            ),
        ),
        "(Permission denied) as user 65534; run as root, or let root make it",
    )
    assert pins() == []


def test_wrong_cluster_name_on_the_same_port(cluster, start):
    """It would replace the program of the port."""
    instances = cluster(2, keys=FLOWS_ONLY)
    before = pins()
    refuses_to_start(
        start(2, 3, keys={**FLOWS_ONLY, "cluster_name": "defautl"}),
        'is balanced by cluster "default" already; set cluster_name to that',
    )
    assert pins() == before
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--ports", 3, "--flows", 6)
    flows = instances.wait_flows(report["records"])
    assert sum(len(exporters_of(rows)) for rows in flows.values()) == 40


def test_old_kernel(start):
    """A seccomp filter refuses bpf(BPF_PROG_LOAD), like an old kernel."""
    refuses_to_start(
        start(
            0,
            keys=FLOWS_ONLY,
            command=(
                "/usr/bin/python3",
                os.path.join(os.path.dirname(__file__), "harness", "old_kernel.py"),
            ),
        ),
        "has no sk_reuseport BPF programs (",
    )
    assert pins() == []


def test_another_count_than_the_live_instances(cluster, start):
    cluster(2, keys=FLOWS_ONLY)
    before = pins()
    refuses_to_start(
        start(2, 3, keys=FLOWS_ONLY),
        f'{COUNT} is 3, but live instances of cluster "default" use 2; set it to 2',
    )
    assert pins() == before


def test_another_fallback_than_the_live_instances(cluster, start):
    cluster(2, keys=FLOWS_ONLY, indices=[0])
    before = pins()
    refuses_to_start(
        start(1, 2, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"}),
        'reuseport_fallback is drop, but live instances of cluster "default" use rehash',
    )
    assert pins() == before


def test_another_count_after_all_are_gone_is_logged(start, tmp_path):
    start(0, 2, keys=FLOWS_ONLY).wait_ready().stop()
    second = start(0, 3, directory=tmp_path / "second", keys=FLOWS_ONLY).wait_ready()
    assert "flows: cluster 'default' now has 3 hash buckets, it had 2" in second.log()


def test_no_reuseport_socket_in_the_way(start, sandbox):
    """Another socket has the port without SO_REUSEPORT: bind() fails before any join."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind(("::", 2055))
        refuses_to_start(start(0, keys=FLOWS_ONLY), "bind() to ip=")
    assert pins() == []


def test_taking_a_bucket_over_is_logged(start):
    first = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    second = start(0, 1, directory=first.directory / "second", keys=FLOWS_ONLY).wait_ready()
    assert f"took hash bucket 0 over from pid {first.pid} (nfacctd)" in second.log()
    assert first.wait_exit() == 0
    assert "reuseport: flows: the hash bucket was taken over" in first.log()


def test_index_on_the_command_line_overrides_the_key(start):
    instance = start(0, 4, keys=FLOWS_ONLY, args=("-x", "3")).wait_ready()
    assert "is hash bucket 3 of 4 in cluster 'default'" in instance.log()


def test_keys_unset_means_off(start):
    instance = start(0, keys={**FLOWS_ONLY, COUNT: None, INDEX: None}).wait_ready()
    assert "reuseport:" not in instance.log()
    assert pins() == []


def test_32_instances_at_once(start, tmp_path):
    instances = [
        start(index, 32, directory=tmp_path / str(index), keys=FLOWS_ONLY) for index in range(32)
    ]
    for instance in instances:
        instance.wait_ready(timeout=PATIENCE)
        assert "took hash bucket" not in instance.log()


def test_plugins_do_not_keep_a_dead_bucket_alive(cluster):
    """SIGKILL to the core only: its sockets must close although the plugins live."""
    instances = cluster(2)
    (path,) = (path for path in pins() if path.endswith("tcp_balancing_targets"))
    live = lambda: subprocess.run(
        ["bpftool", "-j", "map", "dump", "pinned", path],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.count('"value":["')
    assert live() == 2
    # Stopped plugins cannot notice that the core has ended.
    children = subprocess.run(
        ["pgrep", "-P", str(instances[1].pid)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    for child in children:
        os.kill(int(child), 19)
    instances[1].kill()
    wait_for("the dead instance out of its bucket", lambda: live() == 1)
