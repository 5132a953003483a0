# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport doctor: reports every fault that a test makes, and nothing else."""
import hashlib
import json
import os
import pathlib
import pty
import signal
import socket
import subprocess

import pytest

from harness import PATIENCE, wait_for
from harness.bpf_object import build_modulo
from harness.nfacctd import FLOWS_ONLY, PLAIN_PREFIX, PREFIX, SAMPLES, render
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sandbox import BPFFS, pins

COUNT = "reuseport_hashbucket_count"
INDEX = "reuseport_hashbucket_index"
HA_NAME = "bmp_daemon_ha_cluster_name"
NFACCTD = PREFIX / "sbin" / "nfacctd"
ANYBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
NO_CAPS = (
    "setpriv",
    "--bounding-set=-bpf,-sys_admin,-net_admin",
    "--inh-caps=-bpf,-sys_admin,-net_admin",
    "--",
)
OLD_KERNEL = (
    "/usr/bin/python3",
    str(pathlib.Path(__file__).with_name("harness") / "old_kernel.py"),
)
HOST = (
    "kernel",
    "program",
    "migration",
    "sockarray",
    "netns_cookie",
    "selector",
    "memlock",
    "capabilities",
    "net_admin",
    "bpffs",
    "directory",
)
INSTALLED = ("rmem_max", "tcp_migrate_req", "unprivileged_bpf", "object", "daemon")


def examine(*args, command=(), daemon=NFACCTD):
    """Run doctor and return all checks. Verifies their form and the exit status."""
    done = tool("doctor", "--daemon", daemon, *args, "--json", command=command)
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    checks = answer["checks"]
    assert set(answer) == {"checks", "ok", "warnings", "failures"}
    for check in checks:
        assert set(check) == {"check", "result", "says", "fix"}
        assert check["result"] in ("ok", "warn", "fail")
        assert check["says"] and (check["fix"] is None) == (check["result"] == "ok")
    results = [check["result"] for check in checks]
    assert (answer["warnings"], answer["failures"]) == (
        results.count("warn"),
        results.count("fail"),
    )
    assert answer["ok"] is ("fail" not in results)
    assert done.returncode == (0 if answer["ok"] else 1)
    return checks


def found(checks, check, result):
    """The messages of a check with this result, each with its fix."""
    return [
        f"{c['says']}; {c['fix']}" for c in checks if (c["check"], c["result"]) == (check, result)
    ]


def expect(checks, check, result, words):
    sentences = found(checks, check, result)
    assert any(words in sentence for sentence in sentences), checks


def failed(checks):
    return {check["check"] for check in checks if check["result"] == "fail"}


@pytest.fixture
def write(tmp_path):
    """write(KEYS, name, extra): a correct configuration file, changed by these."""

    def write(keys=None, name="nfacctd.conf", extra=""):
        path = tmp_path / name
        path.write_text(
            render("nfacctd-print.conf", tmp_path, 0, {**FLOWS_ONLY, **(keys or {})}) + extra
        )
        return path

    return write


def test_a_healthy_host(sandbox):
    checks = examine()
    assert [check["check"] for check in checks] == [*HOST, *INSTALLED, "library"]
    assert {check["check"] for check in checks if check["result"] != "ok"} <= {"rmem_max"}
    assert pins() == []


def test_a_healthy_configuration(sandbox, write):
    checks = examine("-f", write({COUNT: 4, "nfacctd_pipe_size": 65536}))
    assert [check["check"] for check in checks] == [
        *HOST,
        "config",
        "join",
        "ports",
        *INSTALLED,
        "library",
    ]
    assert {check["result"] for check in checks} == {"ok"}
    expect(
        checks,
        "config",
        "ok",
        'hash bucket 0 of 4 in cluster "default"; fallback rehash; ports: '
        "flows 2055, BMP 0, BGP 0",
    )
    expect(checks, "join", "ok", 'cluster "default" has no live instance, so its count would be 4')
    assert pins() == []


BMP = {"bmp_daemon": "true", "bmp_daemon_max_peers": 1000}


def limit(soft, hard):
    return ("prlimit", f"--nofile={soft}:{hard}", "--")


def test_open_files_of_the_shell(sandbox, write):
    """The daemon raises the soft limit itself."""
    config = write(BMP)
    checks = examine("-f", config, command=limit(256, 1064))
    expect(checks, "open_files", "ok", f"bmp_daemon_max_peers is 1000 in {config}, for which ")
    checks = examine("-f", config, command=limit(256, 1063))
    expect(checks, "open_files", "warn", "needs 1064 open files, but the hard limit of this shell")
    expect(checks, "open_files", "warn", " is 1063; set LimitNOFILE=1064 in the unit")
    # A file for each router.
    config = write({**BMP, "bmp_daemon_msglog_file": "/tmp/bmp-$peer_src_ip.json"})
    checks = examine("-f", config, command=limit(256, 2063))
    expect(checks, "open_files", "warn", "needs 2064 open files")
    assert not [c for c in examine("-f", write()) if c["check"] == "open_files"]


def test_open_files_of_a_running_daemon(start, write, tmp_path):
    daemon = start(0, keys={"bmp_daemon_max_peers": 200}, command=limit(512, 1024)).wait_ready()
    what = f"of the running process {daemon.pid}"
    for peers, result, words in (
        (448, "ok", f"for which the limit of open files {what} suffices"),
        (449, "warn", f"needs 513 open files, but the limit {what} is 512; restart it"),
        (961, "fail", f"needs 1025 open files, but the hard limit {what} is 1024; set LimitNOFILE"),
    ):
        config = write({**BMP, "bmp_daemon_max_peers": peers})
        expect(examine("-f", config), "open_files", result, words)
    daemon.kill()
    expect(examine("-f", config), "open_files", "ok", "of open files of this shell suffices")


def test_text_output(sandbox, write):
    """Output as text: a line for each check, without colour."""
    config = write({INDEX: 9})
    done = tool("doctor", "-f", config, "--daemon", NFACCTD)
    *lines, nothing, last = done.stdout.splitlines()
    checks = examine("-f", config)
    assert lines == [
        f"{c['result']:4}  {c['check']:16} {c['says']}" + (f"; {c['fix']}" if c["fix"] else "")
        for c in checks
    ]
    assert nothing == "" and last.endswith(" 1 fail")
    assert (done.returncode, done.stderr) == (1, "") and "\033" not in done.stdout


def test_colour_on_a_terminal(sandbox):
    ours, theirs = pty.openpty()
    with subprocess.Popen([TOOL, "doctor", "--daemon", NFACCTD], stdout=theirs) as process:
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 65536):
                text += piece
        except OSError:
            pass  # EIO: the other end of the terminal is closed
        assert process.wait(PATIENCE) == 0
    os.close(ours)
    assert text.startswith(b"\033[32mok  \033[0m  kernel")


# --- the host


def test_an_old_kernel(sandbox):
    """An old version is only a warning if all features work, as on some kernels."""
    old = ("setarch", "--uname-2.6")
    expect(
        examine(command=old), "kernel", "warn", "is older than 5.14, but has the required features"
    )
    checks = examine(command=(*old, *OLD_KERNEL))
    assert failed(checks) == {"kernel", "program", "migration", "selector"}
    expect(checks, "kernel", "fail", "is older than 5.14; use Linux 5.14 or newer")
    expect(
        checks, "program", "fail", "sk_reuseport BPF programs cannot be loaded (Invalid argument)"
    )
    expect(checks, "selector", "fail", "has no sk_reuseport BPF programs")


@pytest.mark.parametrize(
    "without, fails, words",
    [
        (
            "--maps",
            {"sockarray", "selector"},
            "arrays of sockets cannot be created (Invalid argument); use Linux",
        ),
        (
            "--netns",
            {"netns_cookie"},
            "sockets do not expose their network namespace (Invalid argument); use",
        ),
    ],
)
def test_a_kernel_without_a_feature(sandbox, without, fails, words):
    checks = examine(command=(*OLD_KERNEL, without))
    assert failed(checks) == fails
    expect(checks, min(fails - {"selector"}), "fail", words)


def test_locked_memory(sandbox):
    few = (
        "prlimit",
        "--memlock=65536:65536",
        "setarch",
        "--uname-2.6",
        "setpriv",
        "--bounding-set=-sys_resource",
        "--inh-caps=-sys_resource",
        "--",
    )
    expect(examine(command=few), "memlock", "warn", "of which 65536 bytes are allowed; raise it")
    expect(examine(command=few[:2]), "memlock", "ok", "since Linux 5.11")


def test_no_capabilities(sandbox):
    checks = examine(command=NO_CAPS)
    assert failed(checks) == {"capabilities"}
    expect(checks, "capabilities", "fail", "user 0 lacks CAP_BPF")
    expect(checks, "net_admin", "warn", "user 0 lacks CAP_NET_ADMIN")
    for check in ("program", "migration", "sockarray"):
        expect(checks, check, "warn", "without CAP_BPF; run this as root")
    expect(checks, "selector", "warn", "run as root or with CAP_BPF")


def test_root_of_a_user_namespace(sandbox):
    """Root of a user namespace has all capabilities, but not on the host."""
    checks = examine(command=("unshare", "--user", "--map-root-user"))
    assert {"program", "migration", "sockarray", "selector", "capabilities"} <= failed(checks)
    expect(checks, "program", "fail", "do not count for bpf(): run outside of it")


def test_an_ordinary_user(sandbox, write, tmp_path):
    """A user who may read all files, because the directories of pytest are private."""
    anybody = (
        *ANYBODY[:-1],
        "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
        "--",
    )
    os.chmod(BPFFS, 0o600)
    checks = examine(command=ANYBODY)
    assert failed(checks) == {"capabilities", "bpffs"}
    expect(
        checks, "bpffs", "fail", "has mode 0600, so user 65534 cannot pass through it; run as root"
    )
    os.chmod(BPFFS, 0o755)
    checks = examine("-f", write(), command=anybody)
    assert failed(checks) == {"capabilities", "directory"}
    expect(
        checks, "directory", "fail", "user 65534 cannot create it; run as root, or as root run: "
    )
    expect(checks, "join", "warn", "run as root or with CAP_BPF")
    os.mkdir(f"{BPFFS}/pmacct", 0o700)
    expect(examine(command=ANYBODY), "directory", "fail", "whose lock every instance takes")


def test_no_bpffs(sandbox, write):
    subprocess.run(["umount", BPFFS], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", BPFFS], check=True)
    checks = examine("-f", write())
    assert failed(checks) == {"bpffs"} and not found(checks, "directory", "ok")
    expect(
        checks,
        "bpffs",
        "fail",
        "is not a BPF file system; mount it with: mount -t bpf -o mode=0700 bpf",
    )
    assert os.listdir(BPFFS) == []


def test_modes_of_the_bpffs(sandbox):
    expect(examine(), "bpffs", "ok", "is mounted on /sys/fs/bpf, with mode 1700")
    os.chmod(BPFFS, 0o777)
    expect(examine(), "bpffs", "warn", "has mode 0777, so any user can remove the pins")
    subprocess.run(["umount", BPFFS], check=True)
    subprocess.run(["mount", "-t", "bpf", "bpf", BPFFS], check=True)
    expect(
        examine(),
        "bpffs",
        "warn",
        "has mode 1777, so any user can create /sys/fs/bpf/pmacct, and then no instance starts; "
        "run: chmod 755 /sys/fs/bpf; at the next mount add: -o mode=0700",
    )
    subprocess.run(["mount", "-o", "remount,ro", BPFFS], check=True)
    checks = examine()
    expect(checks, "bpffs", "fail", "is mounted read-only; run: mount -o remount,rw /sys/fs/bpf")


def test_the_directory_of_the_pins(sandbox, write):
    os.mkdir(f"{BPFFS}/pmacct", 0o700)
    expect(
        examine(), "directory", "ok", "is owned by user 0, with mode 0700; no cluster of this user"
    )
    os.chmod(f"{BPFFS}/pmacct", 0o777)
    expect(
        examine(),
        "directory",
        "fail",
        "with mode 777, so others could steer this instance; chown it",
    )
    os.chmod(f"{BPFFS}/pmacct", 0o700)
    os.mkdir(f"{BPFFS}/pmacct/default")
    os.chmod(f"{BPFFS}/pmacct/default", 0o777)
    expect(
        examine("-f", write()), "join", "fail", "pmacct/default is owned by user 0 with mode 777"
    )


def test_migrate_req(sandbox, write, tmp_path):
    """Only a selector that does not migrate needs the sysctl."""
    sysctl = pathlib.Path("/proc/sys/net/ipv4/tcp_migrate_req")
    build_modulo(tmp_path / "modulo.o")
    own = ("-f", write({"reuseport_bpf_prog": tmp_path / "modulo.o"}))
    sysctl.write_text("0")
    expect(examine("-f", write(name="b")), "tcp_migrate_req", "ok", "does not need it")
    checks = examine(*own)
    assert failed(checks) == set()
    expect(checks, "tcp_migrate_req", "warn", "is 0, and the selector of ")
    sysctl.write_text("1")
    expect(examine(*own), "tcp_migrate_req", "ok", "is 1")


def test_a_queue_that_is_too_long(sandbox, write):
    largest = int(pathlib.Path("/proc/sys/net/core/rmem_max").read_text())
    expect(examine("-f", write({"nfacctd_pipe_size": largest})), "rmem_max", "ok", f"is {largest}")
    checks = examine("-f", write({"nfacctd_pipe_size": largest + 1}))
    expect(checks, "rmem_max", "warn", f"nfacctd_pipe_size is {largest + 1} in ")
    expect(checks, "rmem_max", "warn", f"run: sysctl -w net.core.rmem_max={largest + 1}")
    expect(
        examine("-f", write({"nfacctd_pipe_size": "8 MB"})),
        "config",
        "warn",
        "of which pmacct reads only the number, so it requests a queue of 8 bytes",
    )
    expect(
        examine("-f", write({"nfacctd_pipe_size": "much"})),
        "config",
        "warn",
        'nfacctd_pipe_size is "much"',
    )


# --- what is installed


def test_a_daemon_without_reuseport(sandbox, write):
    plain = PLAIN_PREFIX / "sbin" / "nfacctd"
    checks = examine(daemon=plain)
    assert failed(checks) == set()
    expect(checks, "daemon", "warn", "is built without reuseport; build it with")
    expect(checks, "daemon", "warn", "pmreuseport adopt")
    # It would ignore the keys and run without balancing.
    checks = examine("-f", write(), daemon=plain)
    assert failed(checks) == {"daemon"}
    expect(checks, "daemon", "fail", "so it cannot run with ")
    assert not [text for text in found(checks, "config", "warn") if "reuseport_" in text]


def test_other_daemons(sandbox, write):
    checks = examine("-f", write(), daemon=PREFIX / "sbin" / "pmbmpd")
    expect(checks, "daemon", "ok", "pmbmpd 1.7")
    expect(checks, "config", "ok", "ports: flows 0, BMP 1790, BGP 0")
    expect(
        examine(daemon=PREFIX / "sbin" / "sfacctd"),
        "daemon",
        "warn",
        "is neither nfacctd nor pmbmpd",
    )


def test_the_daemon_in_the_path(sandbox):
    path = f"PATH={PREFIX / 'sbin'}:/usr/bin:/bin"
    checks = examine(daemon="nfacctd", command=("env", path))
    expect(checks, "daemon", "ok", f"{NFACCTD} (NetFlow Accounting Daemon, nfacctd 1.7")
    checks = examine(daemon="nfacctt", command=("env", path))
    expect(checks, "daemon", "warn", "nfacctt is not in PATH")


def test_a_daemon_that_is_no_program(sandbox, tmp_path):
    expect(examine(daemon=tmp_path), "daemon", "fail", " is not a regular file")
    program = tmp_path / "program"
    program.write_text("nothing\n")
    expect(examine(daemon=program), "daemon", "fail", "cannot ask ")
    program.chmod(0o777)
    expect(examine(daemon=program), "daemon", "fail", "so others could change it; chown it to root")


def test_a_daemon_that_hangs(sandbox, tmp_path):
    """Doctor ends a hanging program together with its children."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! >{tmp_path}/pid\nwait\n")
    program.chmod(0o755)
    expect(examine(daemon=program), "daemon", "fail", "for its version (Connection timed out)")
    stat = pathlib.Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    # The new parent may take a while to collect it.
    wait_for("sleep ended", lambda: not stat.exists() or ") Z " in stat.read_text())


def test_a_daemon_with_long_output(sandbox, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nprintf '\\033[31mnfacctd \\n'\nyes | head -c 1000000\n")
    program.chmod(0o755)
    expect(examine(daemon=program), "daemon", "warn", r"program (\x1b[31mnfacctd )")


def damaged(path, source, old, new):
    """A copy of a file with some bytes replaced."""
    contents = source.read_bytes()
    assert old in contents and len(old) == len(new)
    path.write_bytes(contents.replace(old, new))
    path.chmod(0o755)
    return path


def object_id():
    """What the note of the library says of the object that was built with it."""
    return (
        hashlib.sha256((PREFIX / "lib/pmacct-reuseport/reuseport.bpf.o").read_bytes())
        .hexdigest()
        .encode()
    )


def library():
    return (PREFIX / "lib" / "libpmreuseport.so.1").resolve()


def test_a_library_that_is_not_there(sandbox, tmp_path):
    lost = damaged(tmp_path / "nfacctd", NFACCTD, b"libpmreuseport.so.1", b"libpmreuseport.so.7")
    checks = examine(daemon=lost)
    assert failed(checks) == {"daemon"}
    expect(checks, "daemon", "fail", "does not start: ")
    expect(checks, "daemon", "fail", "libpmreuseport.so.7: cannot open shared object file")


def test_a_library_of_another_version(sandbox, tmp_path):
    name = b"libpmreuseport.so.1"
    selector = object_id()
    damaged(tmp_path / "libpmreuseport.so.1", library(), selector, selector[::-1])
    checks = examine(command=("env", f"LD_LIBRARY_PATH={tmp_path}"))
    assert failed(checks) == set()
    expect(
        checks,
        "library",
        "warn",
        f"{tmp_path}/{name.decode()}, the library of {NFACCTD}, has another "
        "selector than this command; install both from one version",
    )
    (tmp_path / "libpmreuseport.so.1").chmod(0o777)
    expect(
        examine(command=("env", f"LD_LIBRARY_PATH={tmp_path}")),
        "library",
        "fail",
        "so others could change it",
    )


def test_an_installed_object_of_another_version(sandbox, tmp_path):
    (sentence,) = found(examine(), "object", "ok")
    installed = sentence.split(" has the same selector")[0]
    build_modulo(tmp_path / "modulo.o")
    subprocess.run(["mount", "--bind", tmp_path / "modulo.o", installed], check=True)
    expect(
        examine(), "object", "warn", f"{installed} has another selector than this command; install"
    )
    subprocess.run(["mount", "--bind", "/dev/null", installed], check=True)
    expect(examine(), "object", "fail", " is not a regular file")


# --- configuration files


@pytest.mark.parametrize(
    "keys, extra, result, words",
    [
        (
            {INDEX: "2x"},
            "",
            "fail",
            f'{INDEX} is "2x", which is not a plain decimal number; write digits',
        ),
        ({COUNT: "129"}, "", "fail", f"{COUNT} is 129, which is out of range"),
        ({COUNT: "4 ! four"}, "", "fail", f'{COUNT} is "4 ! four", which is not a plain'),
        ({INDEX: "7"}, "", "fail", f"{INDEX} is 7, but with {COUNT} 4 it must be 0 to 3"),
        ({COUNT: None}, "", "fail", f"{INDEX} is set but {COUNT} is not"),
        ({"reuseport_fallback": "none"}, "", "fail", 'reuseport_fallback is "none"'),
        ({"reuseport_endpoints": "flow"}, "", "fail", '"flow" is not an endpoint'),
        ({"cluster_name": "a.b"}, "", "fail", 'cluster_name is "a.b", which cannot name a cluster'),
        ({}, "a\033b\n", "fail", "is wrong: there is no colon; pmacct does not start with it"),
        (
            {},
            " @include a.conf\n",
            "fail",
            "pmacct cannot include files; copy the contents of that file",
        ),
        ({}, "a[b: c\n", "fail", "is wrong: a bracket is not closed before the colon"),
        ({}, "reuseport_hashbuckets_count: 4\n", "fail", f"ignores; write {COUNT}"),
        ({}, "Reuseport_Bpf_Program: a.o\n", "fail", "ignores; write reuseport_bpf_prog"),
        ({}, "resueport_fallback: drop\n", "fail", "ignores; write reuseport_fallback"),
        ({}, "clustername: east\n", "fail", 'a key "clustername", which pmacct does not know'),
        (
            {},
            f"{INDEX}[flows]: 0\n",
            "warn",
            f"has {INDEX}[flows], but that key applies to the whole daemon",
        ),
        ({}, f"{COUNT}: 5\n", "warn", f'sets {COUNT} to "4", but line'),
        ({}, "nfacctd_port: 70000\n", "warn", 'nfacctd_port is "70000" in '),
        (
            {"nfacctd_rp_ebpf_prog": "a.o"},
            "",
            "fail",
            "has both reuseport_* keys and nfacctd_rp_ebpf_prog",
        ),
        (
            {"pcap_savefile": "a.pcap"},
            "",
            "warn",
            "has pcap_savefile, and only traffic from a socket is balanced",
        ),
        (
            {INDEX: None},
            "",
            "warn",
            f"has no {INDEX}, so the daemon must be started with -x",
        ),
        ({COUNT: None, INDEX: None}, "", "warn", "no reuseport_* key is set in "),
        (
            {COUNT: None, INDEX: None, "nfacctd_rp_ebpf_prog": "a.o"},
            "",
            "warn",
            ", but nfacctd_rp_ebpf_prog, so that program selects the socket of an exporter",
        ),
        ({}, "a\0b\n", "fail", "contains a NUL byte, where pmacct stops"),
        pytest.param(
            {},
            f"a: {'b' * 10240}\n",
            "fail",
            "is longer than the 10239 bytes that pmacct",
            id="a long line",
        ),
        pytest.param({}, "\n" * 8224, "fail", "has more than 8224 lines", id="many lines"),
    ],
)
def test_wrong_configurations(sandbox, write, keys, extra, result, words):
    checks = examine("-f", write({COUNT: 4, **keys}, extra=extra))
    assert failed(checks) == ({"config"} if result == "fail" else set())
    expect(checks, "config", result, words)


@pytest.mark.parametrize(
    "extra",
    [
        "! reuseport_nothing: 1\n",
        "# a line without a colon\n",
        f"{COUNT}: 4\n",
        "cluster_id: 3\n",
        "Nfacctd_ Port : 2055\n",
    ],
)
def test_correct_configurations(sandbox, write, extra):
    checks = examine("-f", write({COUNT: 4}, extra=extra))
    assert not found(checks, "config", "warn") and failed(checks) == set()


def test_index_on_the_command_line(sandbox, write):
    config = write({COUNT: 4, INDEX: None})
    expect(examine("-f", config, "-x", 3), "config", "ok", "hash bucket 3 of 4")
    expect(examine("-f", config, "-x", 4), "config", "fail", f"{INDEX} is 4, but with {COUNT} 4")


def test_configurations_that_are_no_regular_files(sandbox, tmp_path):
    expect(examine("-f", tmp_path / "no"), "config", "fail", "(No such file or directory); use a")
    expect(examine("-f", tmp_path), "config", "fail", "is not a regular file")
    os.mkfifo(tmp_path / "fifo")
    expect(examine("-f", tmp_path / "fifo"), "config", "fail", "is not a regular file")


def test_objects(sandbox, write, tmp_path):
    prog = "reuseport_bpf_prog"
    expect(
        examine("-f", write({prog: "/no.o"})),
        "join",
        "fail",
        "cannot open reuseport_bpf_prog /no.o",
    )
    other = tmp_path / "other.o"
    other.write_text("nothing\n")
    expect(examine("-f", write({prog: other})), "join", "fail", "is not a BPF object")
    build_modulo(other)
    assert failed(examine("-f", write({prog: other}))) == set()
    expect(
        examine("-f", write({prog: other, "reuseport_fallback": "drop"})),
        "join",
        "fail",
        'has no map "fallback" to tell its program',
    )
    other.chmod(0o666)
    expect(
        examine("-f", write({prog: other})), "join", "fail", "so others could change it; chown it"
    )
    other.chmod(0o644)
    relative = os.path.relpath(other)
    expect(
        examine("-f", write({prog: relative})),
        "config",
        "warn",
        f"reuseport_bpf_prog {relative} in ",
    )
    assert pins() == []


def look(*args):
    """All checks, among them what fork says too, which has its advice in the sentence."""
    return json.loads(tool("doctor", "--daemon", NFACCTD, *args, "--json").stdout)["checks"]


@pytest.mark.parametrize(
    "first, second, result, words",
    [
        ({}, {}, "warn", "but they differ in reuseport_seed, so a router is in another bucket"),
        ({"reuseport_seed": "net"}, {"reuseport_seed": "net"}, None, ""),
        (
            {"reuseport_seed": "net"},
            {"reuseport_seed": "net", COUNT: 3},
            "warn",
            f"differ in {COUNT}",
        ),
        ({HA_NAME: "net"}, {HA_NAME: "net"}, None, ""),
        ({HA_NAME: "net"}, {HA_NAME: "other"}, None, ""),
        ({"bmp_daemon_ha": "false"}, {"bmp_daemon_ha": "false"}, None, ""),
    ],
)
def test_files_of_two_sites(sandbox, write, first, second, result, words):
    files = [
        write({COUNT: 2, "bmp_daemon_ha": "true", "cluster_name": name, **keys}, f"{name}.conf")
        for name, keys in (("loc_A", first), ("loc_B", second))
    ]
    checks = look("-f", files[0], "-f", files[1])
    if result:
        expect(checks, "sites", result, words)
    else:
        assert "sites" not in {check["check"] for check in checks}


@pytest.mark.parametrize(
    "keys, words",
    [
        ({"bmp_daemon_ha": "true"}, "bmp_daemon_ha is true without reuseport_seed"),
        (
            {HA_NAME: "net"},
            f'{HA_NAME} is "net", which only pmacct 1.8.1 and later takes as the seed',
        ),
    ],
)
def test_high_availability_without_a_seed(sandbox, write, keys, words):
    expect(look("-f", write(keys)), "config", "warn", words)
    checks = look("-f", write({**keys, "reuseport_seed": "net"}))
    assert not [check for check in checks if "the seed" in check["says"]]


def test_files_of_several_instances(sandbox, write):
    def both(first, second):
        files = [
            write(
                {
                    COUNT: 2,
                    "pidfile": f"/run/{name}",
                    "print_output_file[flows]": name,
                    "logfile": f"/var/log/{name}",
                    "nfacctd_templates_file": None,
                    "bmp_daemon_msglog_file": None,
                    **keys,
                },
                name,
            )
            for name, keys in (("a.conf", first), ("b.conf", second))
        ]
        return examine(*(arg for path in files for arg in ("-f", path)))

    expect(both({}, {INDEX: 1}), "instances", "ok", "the 2 files fit together")
    expect(both({}, {}), "instances", "fail", 'are both for hash bucket 0 of cluster "default"')
    expect(both({}, {INDEX: 1, COUNT: 3}), "instances", "fail", f"but differ in {COUNT}; use the")
    expect(
        both({}, {INDEX: 1, "reuseport_fallback": "drop"}),
        "instances",
        "fail",
        "but differ in reuseport_fallback",
    )
    expect(
        both({}, {INDEX: 1, "reuseport_seed": "net"}),
        "instances",
        "fail",
        "but differ in reuseport_seed",
    )
    expect(
        both({}, {INDEX: 1, "nfacctd_port": 2056}),
        "instances",
        "warn",
        "a.conf has 2055 as nfacctd_port, but ",
    )
    ip = "nfacctd_ip"
    for other in ("0.0.0.0", "127.0.0.1", "::1"):
        expect(
            both({}, {INDEX: 1, ip: other}),
            "instances",
            "fail",
            "use different addresses for nfacctd_port that overlap, so only one of the two could "
            "join; use the same address",
        )
    for pair in (("127.0.0.1", "127.0.0.2"), ("::", "::"), ("0.0.0.0", "::1")):
        checks = both({ip: pair[0]}, {INDEX: 1, ip: pair[1]})
        assert not found(checks, "instances", "fail")
    expect(
        both({}, {INDEX: 1, "pidfile": "/run/a.conf"}),
        "instances",
        "warn",
        "b.conf have the same pidfile, /run/a.conf, to which both would write",
    )
    expect(
        both({}, {INDEX: 1, "print_output_file[flows]": "a.conf"}),
        "instances",
        "warn",
        "have the same print_output_file, a.conf,",
    )
    expect(
        both({"logfile": "/dev/null"}, {INDEX: 1, "logfile": "/dev/null"}), "instances", "ok", ""
    )
    assert not found(both({}, {"cluster_name": "east", COUNT: 3}), "instances", "fail")
    expect(
        both({}, {INDEX: 1, "reuseport_endpoints": "flows"}),
        "instances",
        "fail",
        "but differ in reuseport_endpoints",
    )
    own = {"bgp_daemon": "true", "reuseport_endpoints": "flows", "bgp_daemon_port": 1170}
    expect(
        both(own, {**own, INDEX: 1}),
        "instances",
        "fail",
        "have the same bgp_daemon_port, 1170, which reuseport_endpoints leaves out of the cluster",
    )
    for first, second in (
        ({}, {"bgp_daemon_port": 1171}),
        ({"bgp_daemon_ip": "127.0.0.1"}, {"bgp_daemon_ip": "127.0.0.2"}),
    ):
        checks = both({**own, **first}, {**own, **second, INDEX: 1})
        expect(checks, "instances", "ok", "the 2 files fit together")
        expect(checks, "config", "ok", "flows 2055, BMP 0, BGP 1170 outside of the cluster (0:")


@pytest.mark.parametrize(
    "first, second, said",
    [
        ({"pre_tag_map": "{}/a"}, {"pre_tag_map": "{}/b"}, True),
        ({"pre_tag_map": "{}/a"}, {"pre_tag_map": "{}/a2"}, False),
        ({"pre_tag_map": "{}/none"}, {"pre_tag_map": "{}/none"}, False),
        ({"pre_tag_map": "{}/a"}, {}, True),
        ({}, {"pre_tag_map": "{}/a"}, True),
        ({"pre_tag_map[flows]": "{}/a"}, {"pre_tag_map[flows]": "{}/b"}, True),
    ],
)
def test_maps_that_differ(sandbox, write, tmp_path, first, second, said):
    for name, text in (("a", "set_tag=1\n"), ("a2", "set_tag=1\n"), ("b", "set_tag=2\n")):
        (tmp_path / name).write_text(text)
    files = [
        write(
            {
                COUNT: 2,
                INDEX: index,
                **{key: value.format(tmp_path) for key, value in keys.items()},
            },
            f"{index}.conf",
        )
        for index, keys in enumerate((first, second))
    ]
    checks = examine(*(arg for path in files for arg in ("-f", path)))
    words = [says for says in found(checks, "instances", "warn") if "pre_tag_map of" in says]
    assert len(words) == said
    assert not said or "which differ, so what is done with an exporter depends on" in words[0]


def test_unknown_keys(sandbox, write):
    """Any key that the program of the daemon does not contain."""
    extra = "nfacctd_allow_fil: /x\nsome_new_thing: 1\nnfacctd_time_new: true\n"
    # A key of later versions, and not bgp_daemon_ip.
    extra += "bgp_daemon_ha: true\nbgp_daemon_pi: ::1\n"
    checks = examine("-f", write(extra=extra))
    says = [text for text in found(checks, "config", "warn") if "does not know" in text]
    assert 'has a key "nfacctd_allow_fil", which ' in says[0]
    assert [text.partition("ignores; ")[2] for text in says] == [
        "write nfacctd_allow_file",
        "remove it, or install a version that knows it",
        "remove it, or install a version that knows it",
        "write bgp_daemon_ip",
    ]


def test_plugins(sandbox, write):
    """What pmacct leaves out when it starts, and complains about on standard error only."""
    config = write({"plugins": "print[flows], Kafka [k], prnt[p]"}, extra="kafka_topic[k]: x\n")
    checks = examine("-f", config)
    assert found(checks, "plugins", "fail") == [
        f'{config} has a plugin of type "kafka", which {NFACCTD} does not have, and leaves out; '
        "configure pmacct with --enable-kafka, or remove the plugin",
        f'{config} has a plugin of type "prnt", which {NFACCTD} does not have, and leaves out; '
        "correct the type",
    ]
    assert found(checks, "plugins", "warn") == []
    config = write({"plugins": "print[ flows ], tee"}, extra="x[flows ]: 1\nlogfile[default]: x\n")
    checks = examine("-f", config)
    assert found(checks, "plugins", "fail") == []
    (says,) = found(checks, "plugins", "warn")
    assert says.endswith(
        "has x[flows ], but no plugin has that name; correct the name, or remove the line"
    )


def test_all_keys_of_the_samples_are_known(sandbox):
    for path in SAMPLES.glob("*.conf"):
        checks = examine("-f", path)
        assert not [text for text in found(checks, "config", "warn") if "not know" in text]


def test_only_ipv6(sandbox):
    path = pathlib.Path("/proc/sys/net/ipv6/bindv6only")
    path.write_text("1")
    expect(examine(), "bindv6only", "warn", "so a daemon that listens on all addresses gets no")
    path.write_text("0")
    assert not [check for check in examine() if check["check"] == "bindv6only"]


def test_what_fork_writes(sandbox, write, tmp_path):
    """Configuration files of one cluster, made from one sample."""
    made = ask("fork", write({"bmp_daemon": "true"}), "--count", 3, "--dir", tmp_path / "made")[
        "files"
    ]
    checks = examine(*(arg for one in made for arg in ("-f", one["file"])))
    assert failed(checks) == set()
    expect(checks, "instances", "ok", "the 3 files fit together")


# --- a live cluster


def test_beside_a_live_cluster(cluster, write):
    instances = cluster(2, keys=FLOWS_ONLY)
    before = pins()
    checks = examine("-f", write({COUNT: 2}))
    assert failed(checks) == set()
    expect(checks, "directory", "ok", "; clusters: default")
    expect(
        checks,
        "join",
        "ok",
        f'it would take over hash bucket 0 of cluster "default" from process '
        f"{instances[0].pid} (nfacctd), which is alive",
    )
    instances[1].kill()
    checks = examine("-f", write({COUNT: 2, INDEX: 1}))
    expect(checks, "join", "ok", 'it would join the 1 live sockets of cluster "default"')
    checks = examine("-f", write({COUNT: 3}))
    assert failed(checks) == {"join"}
    expect(
        checks,
        "join",
        "fail",
        f'{COUNT} is 3, but live instances of cluster "default" use 2; set it',
    )
    expect(
        examine("-f", write({COUNT: 2, "reuseport_fallback": "drop"})),
        "join",
        "fail",
        'reuseport_fallback is drop, but live instances of cluster "default" use rehash',
    )
    expect(
        examine("-f", write({COUNT: 2, "cluster_name": "defautl"})),
        "ports",
        "fail",
        'is already balanced by cluster "default"; set cluster_name to that',
    )
    assert (
        failed(examine("-f", write({COUNT: 2, "cluster_name": "other", "nfacctd_port": 2056})))
        == set()
    )
    assert pins() == before
    instances[0].stop()
    expect(examine("-f", write({COUNT: 3})), "join", "ok", "instead of that of its last instances")


def test_another_selector_than_the_live_one(start, write, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    start(0, 2, keys={**FLOWS_ONLY, "reuseport_bpf_prog": tmp_path / "modulo.o"}).wait_ready()
    expect(examine("-f", write({COUNT: 2, INDEX: 1})), "join", "fail", "with a slot table, unlike")
    same = write({COUNT: 2, INDEX: 1, "reuseport_bpf_prog": tmp_path / "modulo.o"})
    assert failed(examine("-f", same)) == set()


def test_a_port_that_a_program_alone_has(sandbox, write):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind(("::", 2055))
        checks = examine("-f", write({COUNT: 2}))
        assert failed(checks) == set()
        expect(checks, "ports", "warn", "UDP port 2055 of ")
        expect(
            checks,
            "ports",
            "warn",
            "is open in a program outside the cluster: it receives nothing once an instance is "
            "there; without SO_REUSEPORT, it keeps instances from opening the port; find it with: "
            "ss -lnpu sport = :2055",
        )
        # The wildcard address conflicts with a single one.
        single = write({COUNT: 2, "nfacctd_ip": "127.0.0.1"})
        expect(examine("-f", single), "ports", "warn", "is open in a program outside the cluster")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.2", 2055))
        expect(examine("-f", single), "ports", "ok", "are free")
    expect(
        examine("-f", write({COUNT: 2})),
        "ports",
        "ok",
        "its ports are free, or open in its cluster",
    )


def test_a_port_of_another_user(sandbox, write):
    with subprocess.Popen(
        [
            *ANYBODY,
            "/usr/bin/python3",
            "-c",
            "import socket, sys; s = socket.create_server(('', 1790)); "
            "print(flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        other.stdout.readline()
        checks = examine("-f", write({"bmp_daemon": "true"}))
        other.stdin.close()
    assert failed(checks) == {"ports"}
    expect(
        checks,
        "ports",
        "fail",
        f"is open for user 65534, pid {other.pid} (python3), on 0.0.0.0, and user 0 cannot share "
        "it, as all sockets must be of one user; end that process, or run all instances, and this "
        "command, as one user",
    )
    assert failed(examine("-f", write({"bmp_daemon": "true"}))) == set()


def test_rights_that_a_configuration_needs(sandbox, write):
    without = (
        "setpriv",
        "--bounding-set=-net_bind_service,-net_raw",
        "--inh-caps=-net_bind_service,-net_raw",
        "--",
    )
    bgp = write({"bgp_daemon": "true"})
    expect(
        examine("-f", bgp, command=without),
        "ports",
        "warn",
        "is below 1024, and user 0 lacks CAP_NET_BIND_SERVICE",
    )
    assert not found(examine("-f", bgp), "ports", "warn")
    templates = write({"nfacctd_templates_receiver": "127.255.255.255:2060"})
    expect(examine("-f", templates, command=without), "ports", "fail", "user 0 lacks CAP_NET_RAW")
    assert failed(examine("-f", templates)) == set()


def test_a_lock_that_is_held(cluster, write):
    """For example by a process that is stopped."""
    cluster(1, keys=FLOWS_ONLY)
    holder = subprocess.Popen(
        ["flock", f"{BPFFS}/pmacct", "sh", "-c", "echo; exec sleep 1000"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        holder.stdout.readline()
        checks = examine("-f", write({COUNT: 1}))
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait(PATIENCE)
        holder.stdout.close()
    assert failed(checks) == {"join"}
    expect(checks, "join", "fail", "has held the lock on /sys/fs/bpf/pmacct for 2.0 s; try again")


@pytest.mark.parametrize(
    "words, args",
    [
        ("unexpected argument 'a'; name a configuration file with -f a", ("a",)),
        ("--index is for one configuration file", ("-x", "1")),
        ("--index is for one configuration file", ("-f", "a", "-f", "b", "-x", "1")),
    ],
)
def test_wrong_usage(sandbox, words, args):
    refused(words, "doctor", *args, status=2)
