"""LocalStack in host mode: it evaluates alarms, which the local AWS does not. It listens on loopback only.

Imported, it installs LocalStack into .local/localstack and starts it; run by that environment's Python, it is the
server, and so needs nothing but the standard library until then.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE.parents[1] / ".local/localstack"
REQUIREMENTS = HERE / "localstack-requirements.txt"
# Written last: it says that the environment is whole, and for which list of packages.
STAMP = ENVIRONMENT / "installed-requirements.txt"
PYTHON = ENVIRONMENT / "bin/python"

NAMES = ("python3.13", "python3.12", "python3.14", "python3")
# The pinned packages have wheels for 3.12 to 3.14; the environment needs venv and pip's installer.
USABLE = "import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info[:2] <= (3, 14))"
INSTALL_SECONDS = 600
START_SECONDS = 60
STOP_SECONDS = 10
HOST = "127.0.0.1"
# Another address of Linux's loopback: only who listens on all addresses answers there.
ELSEWHERE = "127.0.0.2"


class LocalStackError(Exception):
    """It could not be installed or started; the text says why."""


def find_python() -> str | None:
    """A Python that LocalStack runs on: on the PATH, or a version of pyenv's."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    candidates = [*NAMES, *(str(path) for path in sorted(versions.glob("3.*/bin/python"), reverse=True))]
    return next((candidate for candidate in candidates if is_usable(candidate)), None)


def is_usable(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", USABLE], capture_output=True, timeout=START_SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def is_installed() -> bool:
    return STAMP.is_file() and STAMP.read_bytes() == REQUIREMENTS.read_bytes() and is_usable(str(PYTHON))


def install(python: str) -> None:
    """Raises LocalStackError with pip's last words."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run([python, "-m", "venv", str(ENVIRONMENT)])
    # Wheels only: building from source would need a C compiler and headers.
    options = "--no-deps --only-binary :all: --no-input --disable-pip-version-check --progress-bar off".split()
    run([str(PYTHON), "-m", "pip", "install", *options, "--requirement", str(REQUIREMENTS)])
    shutil.copyfile(REQUIREMENTS, STAMP)


def run(command: list[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalStackError(f"it cannot be installed: {error}") from error
    if ran.returncode != 0:
        last = "\n    ".join([line for line in (ran.stdout + ran.stderr).splitlines() if line.strip()][-5:])
        raise LocalStackError(f"it cannot be installed; is the package index reachable?\n    {last}")


@contextmanager
def localstack(folder: Path) -> Iterator[str]:
    """Its URL, until the block ends. Everything it writes is in `folder`. Raises LocalStackError."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    log = folder / "localstack.log"
    # Isolated (-I): neither the modules beside this file nor variables of Python's are found.
    command = [str(PYTHON), "-I", str(Path(__file__).resolve())]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=surroundings(folder, port), cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
    try:
        wait_for(port, server, log)
        yield f"http://{HOST}:{port}"
    finally:
        stop(server)


def surroundings(folder: Path, port: int) -> dict[str, str]:
    """The whole environment: nothing of a developer's, no proxy, no account."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        # In a container it would write below /var/lib, whatever FILESYSTEM_ROOT says.
        "OVERRIDE_IN_DOCKER": "0",
        # No statistics about its use, no certificate and no name server from outside.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    }


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not answers(HOST, port):
        if server.poll() is not None or time.monotonic() > end:
            last = "\n    ".join(log.read_text(errors="replace").splitlines()[-8:])
            raise LocalStackError(f"it does not start:\n    {last}")
        time.sleep(0.1)
    if answers(ELSEWHERE, port):
        raise LocalStackError("it listens on all addresses, not on loopback only; it was stopped")


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def stop(server: subprocess.Popen[bytes]) -> None:
    if server.stdin:
        server.stdin.close()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def serve() -> None:
    """The server itself, until its standard input ends: so it never outlives who started it."""
    threading.Thread(target=exit_at_end_of_stdin, daemon=True).start()
    import warnings

    import typing_extensions

    # LocalStack 2026.3.0 imports it from there, where Python 3.12 does not have it yet.
    if not hasattr(warnings, "deprecated"):
        setattr(warnings, "deprecated", typing_extensions.deprecated)  # noqa: B010 (no name that a checker knows)
    from twisted.internet import endpoints

    every_address = endpoints.TCP4ServerEndpoint

    def loopback_only(reactor: Any, port: int) -> Any:
        return every_address(reactor, port, interface=HOST)

    # It ignores the host in GATEWAY_LISTEN when that is an IPv4 address.
    endpoints.TCP4ServerEndpoint = loopback_only
    from localstack.runtime.main import main

    main()


def exit_at_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # Not sys.exit, which would end this thread only. There is nothing to save.
    os._exit(0)


if __name__ == "__main__":
    serve()
