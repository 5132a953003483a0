# SPDX-License-Identifier: GPL-2.0-or-later
"""The command lines of pmreuseport: one grammar, defaults that fit, and errors that help."""
import json
import re
import shlex

import pytest

from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import ask, refused, tool

# Commands that are about one cluster, and what each needs besides -c.
CHANGING = {
    "account": ("on",),
    "drain": ("0",),
    "undrain": ("0",),
    "leave": ("0",),
    "pin": ("::1", "0"),
    "unpin": ("::1",),
    "resize": ("2",),
    "rehome": (),
    "balance": ("--seconds=1",),
    "forget": ("udp-1-any-net1",),
    "adopt": ("--pid=1", "--index=0", "--count=1"),
}
READING = {"where": ("::1",), "top": (), "pins": (), "quarantine": ()}
SHOWING = {"status": (), "metrics": ()}
CLUSTERED = {**CHANGING, **READING, **SHOWING, "remove": ()}
HOSTWIDE = {"fork": ("/nowhere", "--count=1", "--dir=/nowhere"), "doctor": ()}
COMMANDS = {**CLUSTERED, **HOSTWIDE}

# Commands that take arguments besides options.
TAKING = ("account", "drain", "undrain", "leave", "forget", "pin", "unpin", "resize", "where")

# Commands whose arguments end after a number of them, and so refuse one more.
FIXED = {name: args for name, args in COMMANDS.items() if name not in ("where", "unpin")}


def help_of(command):
    done = tool(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def options_of(command):
    """[(letter or None, long name, value or None)], as --help lists them"""
    pattern = r"^  (?:-(.), |    )--([a-z-]+)(?:\[?=(\S+?)\]?)?(?:\s|$)"
    return [
        (letter or None, name, value or None)
        for letter, name, value in re.findall(pattern, help_of(command), re.M)
    ]


def test_every_command_is_here(sandbox):
    listed = re.findall(r"^  ([a-z]+)  +\S", tool("--help").stdout, re.M)
    assert set(listed) == set(COMMANDS) and len(listed) == len(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example(sandbox, command):
    text = help_of(command)
    assert tool(command, "-h").stdout == text
    begin, _, example = text.rpartition("\nExample:\n")
    assert begin.startswith(f"Usage: pmreuseport {command} [OPTION...]")
    words = shlex.split(example)
    assert example.count("\n") == 1 and words[:2] == ["pmreuseport", command]
    done = tool(*words[1:])
    assert done.returncode != 2, "it parses"


def test_help_of_the_program(sandbox):
    text = tool("--help").stdout
    assert tool("-h").stdout == text
    example = text.rpartition("\nExample:\n")[2]
    assert tool(*shlex.split(example)[1:]).returncode == 1


def test_options_have_one_style(sandbox):
    """One name stands for one letter, and takes a value in all commands or in none."""
    letters, values = {}, {}
    for command in COMMANDS:
        own = options_of(command)
        assert own[-2:] == [("h", "help", None), (None, "usage", None)]
        own = own[:-2]
        names = [name for _, name, _ in own]
        assert len(set(names)) == len(names)
        assert ("c", "cluster", "NAME") in own or command in HOSTWIDE
        assert own[-1] == (None, "json", None) or command == "metrics"
        for letter, name, value in own:
            assert letters.setdefault(name, letter) == letter, (command, name)
            # --watch of status takes seconds, that of top and adopt does not.
            if name != "watch":
                assert (values.setdefault(name, value) is None) == (value is None)
    used = [letter for letter in letters.values() if letter]
    assert len(set(used)) == len(used), "a letter stands for one option"


@pytest.mark.parametrize("given", ["-c {}", "--cluster={}"])
@pytest.mark.parametrize("command", CLUSTERED)
def test_cluster_is_named(start, command, given):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    needed = CLUSTERED[command]
    if command == "leave":  # for which no cluster is no failure
        assert ask(command, *needed, *given.format("nope").split())["cluster"] == "nope"
        return
    name, words, status = "nope", 'there is no cluster "nope" under /sys/fs/bpf/pmacct', 1
    if command == "adopt":  # which makes the cluster
        name, words, status = "no/pe", 'cluster_name is "no/pe", which cannot name a cluster', 2
    option = given.format(name).split()
    refused(words, command, *needed, *option, status=status)
    refused(words, command, *option, *needed, status=status)


@pytest.mark.parametrize("command", CLUSTERED)
def test_cluster_without_a_name(sandbox, command):
    for args in (("-c",), ("--cluster",)):
        done = tool(command, *CLUSTERED[command], *args)
        assert (done.returncode, done.stdout) == (2, "")
        assert "requires an argument" in done.stderr


@pytest.mark.parametrize("command", [name for name in CLUSTERED if name != "where"])
def test_cluster_as_an_argument(start, command):
    """As of old: pmreuseport resize east 2."""
    start(0, 1, keys={**FLOWS_ONLY, "cluster_name": "east"}).wait_ready()
    words = "unexpected argument 'east'; name the cluster with -c east"
    refused(words, command, "east", *CLUSTERED[command], status=2)
    refused(words, command, *CLUSTERED[command], "east", status=2)


def test_cluster_as_an_address(start):
    start(0, 1, keys={**FLOWS_ONLY, "cluster_name": "east"}).wait_ready()
    refused("name the cluster with -c east", "where", "east", "::1", status=2)
    refused("name the cluster with -c default", "where", "default", "::1", status=2)
    refused("'weast' is no IP address", "where", "weast", status=2)


def test_nearest_cluster(start):
    start(0, 1, keys={**FLOWS_ONLY, "cluster_name": "east"}).wait_ready()
    refused("unexpected argument 'eats'; did you mean -c east?", "drain", 0, "eats", status=2)
    refused("unexpected argument 'eats'; did you mean -c east?", "status", "eats", status=2)
    refused("unexpected argument 'x'; name the cluster with -c x", "status", "x", status=2)


@pytest.mark.parametrize("command", FIXED)
def test_one_argument_too_many(sandbox, command):
    if command == "doctor":
        advice = "name a configuration file with -f 99"
    elif command in TAKING or command == "fork":
        advice = f"see pmreuseport {command} --help"
    else:
        advice = "name the cluster with -c 99"
    refused(f"unexpected argument '99'; {advice}", command, *FIXED[command], 99, status=2)


@pytest.mark.parametrize(
    "words, args",
    [
        ("command missing; see pmreuseport --help", ()),
        ("unknown command 'stauts'; did you mean 'status'?", ("stauts",)),
        ("unknown command 'pinn'; did you mean 'pin'?", ("pinn",)),
        ("unknown command 'xyzzy'; see pmreuseport --help", ("xyzzy", "--json")),
        ("STATE is missing; give on or off", ("account",)),
        ("BUCKET is missing; give the number of a hash bucket, counted from 0", ("drain",)),
        ("BUCKET is missing; give the number of a hash bucket, counted from 0", ("undrain",)),
        ("BUCKET is missing; give the number of a hash bucket, counted from 0", ("leave",)),
        ("ENDPOINT is missing; give an endpoint as status prints it", ("forget",)),
        ("COUNT is missing; give a number from 1 to 128", ("resize",)),
        ("PREFIX is missing", ("pin",)),
        ("BUCKET is missing", ("pin", "::1")),
        ("PREFIX is missing", ("unpin",)),
        ("ADDRESS is missing", ("where",)),
        ("--cluster is missing; name the cluster with -c NAME", ("remove",)),
        ("--index is missing", ("adopt", "--pid", 1, "--count", 2)),
        ("--count is missing", ("adopt", "--pid", 1, "--index", 1)),
        ("--pid or --pidfile is missing", ("adopt", "--index", 1, "--count", 2)),
        ("CONFIG is missing", ("fork", "--count", 2, "--dir", "/x")),
        ("--count is missing", ("fork", "x", "--dir", "/x")),
        ("--dir is missing", ("fork", "x", "--count", 2)),
    ],
)
def test_what_is_missing(sandbox, words, args):
    refused(words, *args, status=2)


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_option(sandbox, command):
    done = tool(command, *COMMANDS[command], "--frobnicate")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pmreuseport {command}: unrecognized option '--frobnicate'\n")


@pytest.mark.parametrize("command", READING)
def test_reading_commands_take_the_only_cluster(start, tmp_path, command):
    east = {**FLOWS_ONLY, "cluster_name": "east"}
    start(0, 1, directory=tmp_path / "east", keys=east).wait_ready()
    ask("account", "on", "-c", "east")
    assert ask(command, *READING[command])["cluster"] == "east"

    # With a second one, "default" is meant, which does not exist yet.
    west = {**FLOWS_ONLY, "cluster_name": "west", "nfacctd_port": 2056}
    start(0, 1, directory=tmp_path / "west", keys=west).wait_ready()
    refused('there is no cluster "default"', command, *READING[command])

    plain = {**FLOWS_ONLY, "nfacctd_port": 2057}
    start(0, 1, directory=tmp_path / "plain", keys=plain).wait_ready()
    ask("account", "on")
    assert ask(command, *READING[command])["cluster"] == "default"
    assert ask(command, *READING[command], "-c", "east")["cluster"] == "east"


def test_changing_commands_take_the_default_cluster(start):
    """Also if it does not exist, and another one does."""
    start(0, 1, keys={**FLOWS_ONLY, "cluster_name": "east"}).wait_ready()
    for command, args in CHANGING.items():
        if command == "leave":
            assert ask(command, *args) == {"cluster": "default", "bucket": 0, "released": 0}
        elif command != "adopt":
            refused('there is no cluster "default"', command, *args)


def test_showing_commands_take_all_clusters(start, tmp_path):
    for name, port in (("east", 2055), ("default", 2056)):
        keys = {**FLOWS_ONLY, "cluster_name": name, "nfacctd_port": port}
        start(0, 1, directory=tmp_path / name, keys=keys).wait_ready()
    assert [row["cluster"] for row in ask("status")["clusters"]] == ["default", "east"]
    assert [row["cluster"] for row in ask("status", "-c", "east")["clusters"]] == ["east"]
    for args, names in (((), {"default", "east"}), (("--cluster=east",), {"east"})):
        text = tool("metrics", *args).stdout
        assert set(re.findall(r'pmreuseport_buckets{cluster="(\w+)"}', text)) == names


def test_answers_begin_with_the_cluster(start):
    start(0, 2, keys=FLOWS_ONLY).wait_ready()
    ask("account", "on")
    for command, args in {**CHANGING, **READING}.items():
        if command in ("adopt", "balance", "drain", "forget", "leave"):
            continue  # these need traffic or processes; test_adopt and others run them
        if command == "unpin":
            ask("pin", "::1", 0)
        done = tool(command, *args, "--json")
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert next(iter(answer)) == "cluster" and answer["cluster"] == "default"
        check_names(answer)
    check_names(ask("status"))


def check_names(value):
    """snake_case throughout"""
    if isinstance(value, dict):
        for name, inner in value.items():
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
            check_names(inner)
    elif isinstance(value, list):
        for inner in value:
            check_names(inner)
