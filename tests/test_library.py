# SPDX-License-Identifier: GPL-2.0-or-later
"""What the library exports is what its header declares and its manual page describes."""
import ctypes
import re
import subprocess

import pytest

from harness import ROOT
from harness.nfacctd import PREFIX

LIBRARY = f"{PREFIX}/lib/libpmreuseport.so"


@pytest.fixture(scope="module")
def exported():
    """name -> version"""
    lines = subprocess.run(
        ["nm", "-D", "--defined-only", LIBRARY], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    names = [line.split()[2] for line in lines if line.split()[1] == "T"]
    return dict(name.split("@@") for name in names)


def test_every_function_has_a_version(exported):
    assert set(exported.values()) == {"PMREUSEPORT_0.1"}


@pytest.mark.parametrize("file", ["plugin/pmreuseport.h", "man/libpmreuseport.3"])
def test_exported_is_what_is_documented(exported, file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert set(exported) == set(re.findall(r"\b(pmreuseport_\w+)\(", text.split(".SH DESC")[0]))


def test_the_version_at_run_time():
    library = ctypes.CDLL(LIBRARY)
    library.pmreuseport_version.restype = ctypes.c_char_p
    (version,) = re.findall(
        r"AC_INIT\(\[pmacct-reuseport\], \[(.*?)\]", (ROOT / "configure.ac").read_text()
    )
    assert library.pmreuseport_version().decode() == version
