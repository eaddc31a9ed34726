"""The functions as Lambda takes them: `bootstrap` and the configuration in a zip that depends on nothing else.

    .local/venv/bin/python infra/aws/package.py [ARCHITECTURE]

Builds and checks them without AWS, and prints their sizes. Exit codes: 0 Lambda can run them, 1 not (the reason on
standard error), 2 bad usage.
"""

import argparse
import hashlib
import io
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from document import DEFAULT_CONFIG, PROJECT
from refusal import Refusal

FUNCTIONS = ("probe", "aggregator")
FOLDER = PROJECT / ".local/package"
CARGO_LAMBDA = PROJECT / ".local/venv/bin/cargo-lambda"
# Name here, Rust's target, its C cross compiler on Debian, and the number in an ELF header (e_machine).
ARM64 = ("arm64", "aarch64-unknown-linux-gnu", "aarch64-linux-gnu-gcc", 183)
X86_64 = ("x86_64", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu-gcc", 62)
ARCHITECTURES = {architecture[0]: architecture for architecture in (X86_64, ARM64)}
HOST_NAMES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# The C library of Lambda's provided.al2023 (AWS Lambda Developer Guide, "OS-only runtimes").
NEWEST_GLIBC = 34
# The oldest time that a zip can hold: the same files make the same bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Package(NamedTuple):
    """A zip and the key it is stored under, which its content decides."""

    key: str
    content: bytes


def main() -> int:
    parser = argparse.ArgumentParser(prog="package.py", description="Builds and checks the packages.")
    parser.add_argument("architecture", nargs="?", choices=sorted(ARCHITECTURES), default=host())
    try:
        for name, executable in build(parser.parse_args().architecture).items():
            print(f"{name}: {len(pack(executable, DEFAULT_CONFIG).content):,} bytes")
    except Refusal as refusal:
        print(f"package.py: {refusal.reason}", refusal.advice or "", sep="\n", file=sys.stderr)
        return 1
    return 0


def build(architecture: str) -> dict[str, Path]:
    """Builds the functions in release mode and returns their executables. Raises Refusal."""
    name, target, compiler, _ = ARCHITECTURES[architecture]
    command = [str(CARGO_LAMBDA), "lambda", "build", "--release", "--compiler", "cargo", "--lambda-dir", str(FOLDER)]
    for function in FUNCTIONS:
        command += ["--package", function]
    environment = None
    if host() != name:
        environment = cross_environment(name, target, compiler)
        command += ["--target", target]
    try:
        subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refusal("the functions do not build (the reason above)", "nothing was changed in AWS") from error
    return {function: checked(FOLDER / function / "bootstrap", architecture) for function in FUNCTIONS}


def host() -> str | None:
    """What this machine is; None: nothing that Lambda has."""
    return HOST_NAMES.get(platform.machine())


def cross_environment(name: str, target: str, compiler: str) -> dict[str, str]:
    """The environment in which cargo links for another machine. Raises Refusal when the tools are not there."""
    libraries = subprocess.run(
        ["rustc", "--print", "target-libdir", "--target", target], capture_output=True, text=True, check=False
    ).stdout.strip()
    missing = []
    if not libraries or not any(Path(libraries).glob("libstd-*")):
        missing.append(f"`rustup target add {target}`")
    if shutil.which(compiler) is None:
        missing.append(f"the C compiler {compiler} (Debian: apt install gcc-{compiler.removesuffix('-gcc')})")
    if missing:
        raise Refusal(
            f"{name} cannot be built on this {platform.machine()} machine",
            f"install {' and '.join(missing)}; or ARCH={host() or 'x86_64'}, or a machine that is {name}",
        )
    variable = target.upper().replace("-", "_")
    return os.environ | {f"CARGO_TARGET_{variable}_LINKER": compiler, f"CC_{target.replace('-', '_')}": compiler}


def checked(executable: Path, architecture: str) -> Path:
    """Refuses what Lambda would only refuse at its first run: another machine's code, or a newer C library's."""
    content = executable.read_bytes()
    machine = int.from_bytes(content[18:20], "little") if content[:4] == b"\x7fELF" else None
    if machine != ARCHITECTURES[architecture][3]:
        raise Refusal(f"{executable} is not built for {architecture}")
    newest = max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)\0", content)), default=0)
    if newest > NEWEST_GLIBC:
        raise Refusal(
            f"{executable} needs glibc 2.{newest}, Lambda's provided.al2023 has 2.{NEWEST_GLIBC}",
            "build on an older system, for example Debian 12 or Ubuntu 22.04",
        )
    return executable


def pack(executable: Path, config: Path) -> Package:
    """Raises OSError when a file cannot be read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        add(archive, "bootstrap", executable.read_bytes(), 0o755)
        add(archive, "monitor.toml", config.read_bytes(), 0o644)
    content = buffer.getvalue()
    return Package(f"functions/{hashlib.sha256(content).hexdigest()}.zip", content)


def add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    # Unix, whatever this runs on: Lambda takes the mode from it.
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | mode) << 16
    archive.writestr(entry, content)


if __name__ == "__main__":
    sys.exit(main())
