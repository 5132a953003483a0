# SPDX-License-Identifier: GPL-2.0-or-later
"""An object as others write it, that follows the contract or, with a macro, does not."""
import os
import subprocess

from . import ROOT

SOURCE = ROOT / "tests" / "contract" / "modulo.bpf.c"


def build_modulo(path, *macros):
    """Compiles the fixture; each macro is NAME=VALUE or NAME."""
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
