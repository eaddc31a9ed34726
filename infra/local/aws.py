"""The local AWS: moto's server on loopback, and around it what an alert passes on its way to people.

CloudWatch speaks the SDKs' protocol and keeps AWS's limits, SNS delivers to functions and into an inbox, phone calls
are taken, the tools that alerts are posted to have stand-ins under /providers/, and /local/ steers it all. S3 has a
bucket for reports in every region from the start: xs2a-monitor-reports-REGION.

    .local/venv/bin/python infra/local/aws.py [--port N]

Prints one JSON line, {"endpoint_url": "http://127.0.0.1:PORT"}, once it listens. State is in memory and starts empty
but for those. It ends on SIGTERM and, when its standard input is a pipe, as soon as that is closed: so it never
outlives a parent that holds the other end, however that parent dies.
"""

import isolation  # noqa: F401  (before moto, which reads the environment)

import argparse
import json
import os
import signal
import stat
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from calls import Calls, CountedCalls
from clock import Clock
from cloudformation import CloudFormation
from cloudwatch_cbor import CloudWatchCbor
from control import Control, Parts
from dynamodb_copies import share_items
from dynamodb_order import DynamoDbInOrder
from faults import Faults, SnsFaults
from functions import Functions
from inbox import Inbox
from invocations import Invocations
from providers import Providers
from s3 import S3, make_report_buckets
from sns_delivery import deliver_by
from voice import Voice
from wsgi import WsgiApp

HOST = "127.0.0.1"


def main() -> int:
    port = parse_port()
    end_with_parent()
    try:
        server = make_server(HOST, port, compose(), threaded=True, request_handler=QuietHandler)
    except (OSError, SystemExit):
        print(f"aws.py: cannot listen on {HOST}:{port}: is the port in use? (--port 0 takes a free one)", file=sys.stderr)
        return 1
    print(json.dumps({"endpoint_url": f"http://{HOST}:{server.server_port}"}), flush=True)
    server.serve_forever()
    return 0


def parse_port() -> int:
    parser = argparse.ArgumentParser(prog="aws.py", description="The local AWS, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one")
    port: int = parser.parse_args().port
    if not 0 <= port <= 65535:
        parser.error(f"--port {port}: a port is a number from 0 to 65535")
    return port


def compose() -> WsgiApp:
    """The layers, from moto outwards."""
    parts = Parts(Clock(), Functions(), Inbox(), Faults(), Calls())
    share_items()
    make_report_buckets()
    deliver_by(parts.clock, parts.functions, parts.inbox)
    app: WsgiApp = CloudFormation(DynamoDbInOrder(DomainDispatcherApplication(create_backend_app)))
    app = S3(app, parts.faults)
    app = Invocations(app, parts.functions)
    app = SnsFaults(CloudWatchCbor(app), parts.faults)
    app = Voice(app, parts.inbox, parts.faults)
    app = Providers(app, parts.inbox, parts.faults)
    return Control(CountedCalls(app, parts.calls), parts)


def end_with_parent() -> None:
    """Ties this process to whoever holds the other end of its standard input, if that is a pipe."""
    if not stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        return
    # Ctrl-C reaches the whole process group: the parent decides when its AWS goes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=exit_at_end_of_stdin, daemon=True).start()


def exit_at_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # Not sys.exit, which would end this thread only. There is nothing to save.
    os._exit(0)


class QuietHandler(MotoRequestHandler):
    """Keeps requests out of the terminal; errors are still logged to standard error."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


if __name__ == "__main__":
    sys.exit(main())
