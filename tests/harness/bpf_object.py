# SPDX-License-Identifier: GPL-2.0-or-later
"""A third-party selector object. Macros make it break the contract on purpose."""
import os
import subprocess

from . import ROOT

SOURCE = ROOT / "tests" / "contract" / "modulo.bpf.c"


def build_modulo(path, *macros):
    """Compile tests/contract/modulo.bpf.c; each macro is NAME=VALUE or NAME."""
    multiarch = subprocess.run(
        ["gcc", "-print-multiarch"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    subprocess.run(
        [
            os.environ.get("CLANG", "clang"),
            "-target",
            "bpf",
            "-O2",
            "-g",
            f"-I/usr/include/{multiarch}",
            *(f"-D{macro}" for macro in macros),
            "-c",
            str(SOURCE),
            "-o",
            str(path),
        ],
        check=True,
    )
    return path
