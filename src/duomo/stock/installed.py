"""What is installed here: Duomo, the packages it stands on, its extras, the processor."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import duomo

Status = Literal["ok", "warning", "error"]

_PARTS: Final = ("lancedb", "pyarrow", "onnxruntime", "numpy", "tokenizers", "pillow", "fastapi", "uvicorn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look found."""

    what: str
    status: Status
    said: str
    remedy: str = ""


def installation() -> Iterator[Finding]:
    """Versions, extras, and what the processor can do."""
    version = platform.python_version()
    yield Finding(
        what="duomo", status="ok", said=f"{duomo.__version__}, Python {version}, {platform.platform()}"
    )
    held = {name: _version(name) for name in _PARTS}
    missing = [name for name, version in held.items() if not version]
    said = ", ".join(f"{name} {version or 'is missing'}" for name, version in held.items())
    remedy = "Run: pip install --force-reinstall duomo" if missing else ""
    yield Finding(what="packages", status="error" if missing else "ok", said=said, remedy=remedy)
    there, absent = _extras()
    said = f"installed: {', '.join(there) or 'none'}; not installed: {', '.join(absent) or 'none'}"
    yield Finding(what="extras", status="ok", said=said)
    yield _processor()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _extras() -> tuple[list[str], list[str]]:
    """The extras of this installation of which every package is there, and the others."""
    needed: dict[str, list[str]] = {}
    for line in importlib.metadata.requires("duomo") or []:
        found = re.match(r"([\w.-]+).*extra == ['\"]([\w-]+)['\"]", line)
        if found and found[1] != "duomo":
            needed.setdefault(found[2], []).append(found[1])
    there = [extra for extra, packages in sorted(needed.items()) if all(map(_version, packages))]
    return there, sorted(needed.keys() - set(there))


def _processor() -> Finding:
    cores = os.cpu_count() or 1
    try:
        flags = set(Path("/proc/cpuinfo").read_text("utf-8").split())
    except OSError:
        flags = set()
    if not flags or platform.machine().lower() not in ("x86_64", "amd64"):
        return Finding(what="processor", status="ok", said=f"{platform.machine()}, {cores} cores")
    has = {"AVX2": "avx2" in flags, "VNNI": bool({"avx512_vnni", "avx_vnni"} & flags)}
    said = f"{cores} cores, " + ", ".join(
        f"{'with' if there else 'without'} {name}" for name, there in has.items()
    )
    if not has["AVX2"]:
        remedy = "Use a newer machine: encoders take several times as long on this one"
        return Finding(what="processor", status="warning", said=said, remedy=remedy)
    return Finding(what="processor", status="ok", said=said)
