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


def compiles(expression):
    source = f'#include <pmreuseport.h>\n_Static_assert({expression}, "");\n'
    return subprocess.run(
        ["gcc", "-std=gnu11", f"-I{ROOT}/plugin", "-fsyntax-only", "-x", "c", "-"],
        input=source,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )


@pytest.mark.parametrize("type_name", ["config", "member", "quarantine"])
def test_what_can_grow_is_opaque(type_name):
    done = compiles(f"sizeof(struct pmreuseport_{type_name})")
    assert done.returncode and "incomplete type" in done.stderr


@pytest.mark.parametrize("type_name, size", [("error", 1088), ("process", 64), ("strike", 128)])
def test_what_a_caller_has_on_its_stack_keeps_its_size(type_name, size):
    done = compiles(f"sizeof(struct pmreuseport_{type_name}) == {size}")
    assert not done.returncode, done.stderr


def test_no_other_struct_is_known_to_callers():
    header = (ROOT / "plugin" / "pmreuseport.h").read_text(encoding="utf-8")
    defined = re.findall(r"^struct (pmreuseport_\w+) \{", header, re.M)
    assert sorted(defined) == ["pmreuseport_error", "pmreuseport_process", "pmreuseport_strike"]
