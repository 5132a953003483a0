# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion of pmreuseport command lines in bash."""
import pathlib
import subprocess

import pytest

from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import TOOL, ask

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "tools/pmreuseport/completion.bash"


def offered(*words):
    """The completions of the last word."""
    done = subprocess.run(
        [
            "bash",
            "-c",
            '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pmreuseport "$1"; '
            'printf "%s\\n" "${COMPREPLY[@]}"',
            str(SCRIPT),
            TOOL,
            *words,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "words, answer",
    [
        (
            ("",),
            {
                "status",
                "where",
                "top",
                "account",
                "pin",
                "unpin",
                "pins",
                "quarantine",
                "balance",
                "metrics",
                "resize",
                "rehome",
                "drain",
                "undrain",
                "leave",
                "forget",
                "remove",
                "fork",
                "adopt",
                "doctor",
            },
        ),
        (("re",), {"resize", "rehome", "remove"}),
        (("account", ""), {"on", "off"}),
        (("pin", "--r"), {"--replace"}),
        (("rehome", "-c", "a", "--d"), {"--dry-run"}),
        (("rehome", "--cluster", "=", "a", "--d"), {"--dry-run"}),
        (("account", "-c", "a", "o"), {"on", "off"}),
        (("top", "--by", "="), {"packets", "bytes"}),
        (("top", "--by", "=", "p"), {"packets"}),
        (("adopt", "--fallback", ""), {"rehash", "drop"}),
        (
            ("where", "--"),
            {
                "--cluster",
                "--file",
                "--count",
                "--down",
                "--summary",
                "--json",
                "--help",
                "--usage",
            },
        ),
        (("where", ""), set()),
        (("pin", ""), set()),
        (("pin", "192.0.2.1", ""), {"drop"}),
        (("quarantine", "--cl"), {"--clear", "--cluster"}),
        (("nope", "--"), set()),
        (("doctor", "--"), {"--file", "--index", "--daemon", "--json", "--help", "--usage"}),
        (("doctor", "--daemon", str(SCRIPT)[:-3]), {str(SCRIPT)}),
        (("where", "-f", str(SCRIPT)[:-3]), {str(SCRIPT)}),
        (("fork", str(SCRIPT)[:-3]), {str(SCRIPT)}),
        (("fork", "x", "--dir", str(SCRIPT.parent)[:-3]), {str(SCRIPT.parent)}),
        (("fork", "--"), {"--count", "--dir", "--name", "--force", "--json", "--help", "--usage"}),
        (("metrics", "--output", str(SCRIPT)[:-3]), {str(SCRIPT)}),
    ],
)
def test_commands_and_options(words, answer):
    assert offered(*words) == answer


def test_clusters(start):
    start(0, 1, keys={**FLOWS_ONLY, "cluster_name": "east"}).wait_ready()
    for words in (("-c", ""), ("-c", "e"), ("--cluster", "="), ("--cluster", "=", "e")):
        assert offered("status", *words) == {"east"}
    endpoints = {row["endpoint"] for row in ask("status")["clusters"][0]["endpoints"]}
    assert offered("forget", "") == offered("forget", "-c", "east", "udp-") == endpoints
    assert offered("status", "") == offered("status", "-c", "w") == set()
