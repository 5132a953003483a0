# SPDX-License-Identifier: GPL-2.0-or-later
"""Which user may do what: the bpffs, a user other than root, and root beside that user."""
import json
import os
import subprocess

import pytest

from harness import maps
from harness.listen_connect import LISTEN, Listener, run
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sandbox import BPFFS, pins
from harness.users import as_user

ROOT = f"{BPFFS}/pmacct"
DEFAULT = f"{ROOT}/default"
NOBODY, GROUP = 65534, 4242
# The directories of a user: of the units, and of one of several users.
OF_THE_UNITS = f"""
chgrp {GROUP} {BPFFS}
chmod 710 {BPFFS}
install -d -m 700 -o {NOBODY} -g {GROUP} {ROOT}
"""
OF_A_CLUSTER = f"""
chmod 755 {BPFFS}
install -d -m 750 -g {GROUP} {ROOT}
install -d -m 700 -o {NOBODY} {DEFAULT}
"""
USER = as_user(NOBODY, "bpf", group=GROUP)


def shell(script):
    subprocess.run(["sh", "-ec", script], check=True)


@pytest.fixture
def listen(sandbox, tmp_path):
    """listen(INDEX, COUNT, command=...): see Listener; waits until it has joined."""
    made = []

    def listen(*args, **kwargs):
        made.append(Listener(tmp_path, *args, **kwargs))
        return made[-1].wait_ready()

    yield listen
    for one in made:
        one.end()


def ask_doctor():
    """What doctor has against the bpffs and the directories."""
    checks = json.loads(tool("doctor", "--json").stdout)["checks"]
    return [
        check
        for check in checks
        if check["check"] in ("bpffs", "directory") and check["result"] != "ok"
    ]


def owners():
    return {os.lstat(path).st_uid for path in pins() if path.startswith(DEFAULT)}


@pytest.mark.parametrize("script", [OF_THE_UNITS, OF_A_CLUSTER], ids=["units", "cluster"])
def test_root_acts_as_the_owner(listen, tmp_path, script):
    shell(script)
    listeners = [listen(index, 2, command=USER) for index in range(2)]
    assert owners() == {NOBODY}

    (cluster,) = ask("status")["clusters"]
    assert [row["state"] for row in cluster["endpoints"][0]["buckets"]] == ["live"] * 2
    assert ask("pin", "192.0.2.1", 1)["pins"]
    assert ask("where", "192.0.2.1")["exporters"][0]["decision"] == "pinned"
    assert ask("drain", 0) and ask("undrain", 0) and ask("account", "on")
    assert ask("resize", 3)["cluster"] == "default"
    # What root makes belongs to the user. Other ports: those of a group need one user.
    listeners.append(listen(2, 3, ports=("--udp", 3055)))
    assert len(pins()) > 20 and owners() == {NOBODY}
    assert not ask_doctor()

    for listener in listeners:
        listener.end()
    done = subprocess.run([*USER, TOOL, "remove", "-c", "default"], stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    listen(0, 1, command=USER)
    assert ask("status") and ask("resize", 2)
    # The rights of root are back after each access.
    assert tool("metrics", "--output", f"{tmp_path}/metrics").returncode == 0


def test_root_does_not_follow_the_links_of_the_owner(listen):
    """The user cannot make root change what only root may change."""
    shell(OF_THE_UNITS)
    listen(0, 1, command=USER)
    maps.create(f"{BPFFS}/size", "array", 4, 1)
    os.rename(f"{DEFAULT}/size", f"{ROOT}/size")
    os.symlink(f"{BPFFS}/size", f"{DEFAULT}/size")
    assert tool("resize", 2).returncode == 1
    dump = ["bpftool", "map", "dump", "pinned", f"{BPFFS}/size"]
    said = subprocess.run(dump, stdout=subprocess.PIPE, check=True, text=True).stdout
    assert "00 00 00 00" in said or '"value": 0' in said, said
    os.unlink(f"{DEFAULT}/size")
    os.rename(f"{ROOT}/size", f"{DEFAULT}/size")
    assert ask("resize", 2)["cluster"] == "default"


def test_another_user_cannot_be_first(listen):
    """With the mode that systemd sets, and that the documentation says to set."""
    done = subprocess.run([*as_user(NOBODY), "mkdir", ROOT], stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"Permission denied" in done.stderr
    listen(0, 1)


@pytest.mark.parametrize("mode", [0o1777, 0o777])
def test_a_directory_that_anybody_could_make_is_refused(sandbox, mode):
    os.chmod(BPFFS, mode)
    subprocess.run([*as_user(NOBODY), "mkdir", "-m", "700", ROOT], check=True)
    done = run(LISTEN, "--udp", 2055, "--count", 1, "--index", 0, "--for", 1)
    assert f"{ROOT} is owned by user {NOBODY} with mode 700, so others could steer" in done.stderr
    assert done.returncode == 1
    subprocess.run([*as_user(NOBODY), "mkdir", "-m", "700", DEFAULT], check=True)
    refused("is another user's, or others can write to it", "pins")
    refused("there is no cluster of user 0 under", "status")


def test_a_directory_in_that_of_a_third_user_is_refused(sandbox):
    shell(OF_A_CLUSTER)
    os.chown(ROOT, 1000, GROUP)
    refused("is another user's, or others can write to it", "pins")


def test_root_that_cannot_act_as_the_owner(listen):
    shell(OF_THE_UNITS)
    listen(0, 1, command=USER)
    refused(
        f"cannot act as user {NOBODY}, who owns {DEFAULT}; run as that user, or with CAP_SETUID",
        "resize",
        2,
        command=("setpriv", "--bounding-set=-setuid"),
    )


OUTSIDE = (
    "capabilities in a user namespace, such as that of a rootless container, do not count for "
    "bpf(): run outside of it, as root or with CAP_BPF"
)


def test_root_in_a_user_namespace(sandbox):
    """It has all capabilities, but not those that the kernel asks for."""
    command = ("unshare", "--user", "--map-root-user")
    done = run(LISTEN, "--udp", 2055, "--count", 1, "--index", 0, command=command)
    assert done.returncode == 1
    assert (
        "the kernel does not let this process load BPF programs (Operation not permitted); "
        + OUTSIDE
        in done.stderr
    )
    checks = json.loads(tool("doctor", "--json", command=command).stdout)["checks"]
    wrong = {check["check"]: check for check in checks if check["fix"] and OUTSIDE in check["fix"]}
    assert set(wrong) == {"program", "migration", "sockarray", "selector", "capabilities"}
    assert "user 0 has no CAP_BPF in the initial user namespace" in wrong["capabilities"]["says"]
    assert {check["result"] for check in wrong.values()} == {"fail"}
    # Who has no capability at all is told to get one.
    done = run(
        LISTEN,
        "--udp",
        2055,
        "--count",
        1,
        "--index",
        0,
        command=("setpriv", "--bounding-set=-all"),
    )
    assert "run as root or with CAP_BPF\n" in done.stderr
