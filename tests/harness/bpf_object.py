# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects with other selectors than the built-in one."""
import os
import subprocess

from . import ROOT

MODULO = ROOT / "tests" / "contract" / "modulo.bpf.c"


def build_object(source, path, *macros):
    """Compile a selector; each macro is NAME=VALUE or NAME."""
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
            str(source),
            "-o",
            str(path),
        ],
        check=True,
    )
    return path


def build_modulo(path, *macros):
    """A third-party selector, which macros make break the contract on purpose."""
    return build_object(MODULO, path, *macros)
