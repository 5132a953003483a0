# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of pmreuseport-gen, and the help of the programs beside pmreuseport."""
import subprocess

import pytest

from harness.listen_connect import CONNECT, LISTEN
from harness.traffic import GENERATOR, TO

SOURCE = ("--source", "127.1.0.1")


def run(*args):
    return subprocess.run(
        [str(arg) for arg in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "words, args",
    [
        ("unknown command 'flow'; did you mean 'flows'?", ("flow",)),
        ("command missing; see pmreuseport-gen --help", ()),
        ("target missing; name the collector with --to ADDR:PORT", ("flows", *SOURCE)),
        ("source missing; give some with --source ADDR[+N]", ("flows", *TO)),
        ("--to '127.0.0.1' is not a target", ("bmp", "--to", "127.0.0.1")),
        ("--to '[::1]:1' is a second target", ("bmp", *TO, "--to", "[::1]:1")),
        (
            "there is an IPv6 source, but no IPv6 target; add --to [ADDR]:PORT",
            ("flows", "--to", "127.0.0.1:1", "--source", "::1"),
        ),
        ("--source '127.1' is not a source", ("bmp", *TO, "--source", "127.1")),
        (
            "--source '127.1.0.2' repeats",
            ("bmp", "--source", "127.1.0.0+3", "--source", "127.1.0.2"),
        ),
        ("--version '7' is unknown; give 5, 9 or 10", ("flows", "--version", "9,7")),
        ("--version '' is unknown", ("flows", "--version", "9,")),
        ("--version '5' exceeds the maximum of 16", ("flows", "--version", ",".join(17 * "5"))),
        ("--dst-net '10.0.0.1' is not a /24 network", ("flows", "--dst-net", "10.0.0.1")),
        ("--flows '0' is out of bounds", ("flows", "--flows", 0)),
        (
            "--records-per-packet 31 exceeds the maximum of a version 5 packet, 30",
            ("flows", *TO, *SOURCE, "--version", 5, "--records-per-packet", 31),
        ),
        ("--hold 'x' is out of bounds; give a number from 0", ("bmp", "--hold", "x")),
        ("unexpected argument 'x'", ("bmp", "x")),
        ("FILE is missing; name a capture file", ("replay", *TO)),
        ("--source-base 'x' is not an address", ("replay", "--source-base", "x")),
        ("unexpected argument 'b'", ("replay", "a", "b")),
        (
            "--source and --source-base exclude each other",
            ("replay", "a", *TO, *SOURCE, "--source-base", "127.1.0.0"),
        ),
        (
            "--rate and --pcap-timing exclude each other",
            ("replay", "a", *TO, "--rate", 1, "--pcap-timing"),
        ),
    ],
)
def test_wrong_usage(words, args):
    done = run(GENERATOR, *args)
    assert words in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "program",
    [
        (LISTEN,),
        (CONNECT,),
        (GENERATOR,),
        (GENERATOR, "flows"),
        (GENERATOR, "bmp"),
        (GENERATOR, "replay"),
    ],
)
def test_help_ends_with_an_example(program):
    done = run(*program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    name = " ".join([str(program[0]).rpartition("/")[2], *program[1:]])
    title, example = done.stdout.splitlines()[-2:]
    assert title == "Example:" and example.startswith(f"  {name} "), done.stdout
    assert run(*program, "-h").stdout == done.stdout


@pytest.mark.parametrize("program", [LISTEN, CONNECT, GENERATOR])
@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(program, option):
    done = run(program, option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{str(program).rpartition('/')[2]} ")
