"""moto's CloudFormation, without what it would only import, and with what it forgets."""

import logging
import sys
import threading
import warnings
from collections.abc import Iterable
from types import ModuleType

from wsgi import Environ, StartResponse, WsgiApp, act, read_body

CHECKER = "openapi_spec_validator"


class CloudFormation:
    """WSGI middleware: readies moto at the first call to CloudFormation, whose calls wait for each other.

    moto makes a stack's resources in ways that were not made for several threads.
    """

    def __init__(self, app: WsgiApp) -> None:
        self.app = app
        self.lock = threading.Lock()
        self.ready = False

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if "/cloudformation/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self.app(environ, start_response)
        read_body(environ)
        with self.lock:
            if not self.ready:
                leave_out_openapi()
                keep_parameters()
                skip_in_silence()
                self.ready = True
            status, headers, body = act(self.app, environ)
        start_response(status, headers)
        return [body]


def leave_out_openapi() -> None:
    """CloudFormation imports all services that it could make, API Gateway's a checker of OpenAPI with ten packages."""
    names = (CHECKER, f"{CHECKER}.validation", f"{CHECKER}.validation.exceptions")
    package, _, exceptions = modules = [ModuleType(name) for name in names]
    vars(package)["validate"] = None
    vars(exceptions)["OpenAPIValidationError"] = type("OpenAPIValidationError", (Exception,), {})
    sys.modules.update(zip(names, modules, strict=True))


def keep_parameters() -> None:
    """An executed change set's parameters become the stack's; moto compares the next ones with the very first."""
    # Not at the top: it takes a second, which nobody else should wait for.
    from moto.cloudformation.models import ChangeSet

    apply = ChangeSet.apply

    def apply_and_keep(change_set: ChangeSet) -> None:
        apply(change_set)
        change_set.stack.parameters = change_set.parameters

    setattr(ChangeSet, "apply", apply_and_keep)


def skip_in_silence() -> None:
    """What moto cannot make it skips, with two lines each time; the tests of the deployment know which kinds."""
    logging.getLogger("moto").addFilter(lambda record: not str(record.msg).startswith("No Moto CloudFormation support"))
    warnings.filterwarnings("ignore", message="Tried to parse .* not supported by moto")
