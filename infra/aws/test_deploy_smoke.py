"""The smoke run: the deployed probe, once, in silence. `make test` runs it."""

import http.server
import json
import threading
import unittest
from typing import Any

import smoke
from deploy_support import PASSED, DeployTest
from names import PROBE


class Smoke(DeployTest):
    def test_the_deployed_function_is_run_in_silence_and_its_steps_are_shown(self) -> None:
        events = self.serve({"reports": [report("passed", None)]})

        ended = self.command("deploy", run=smoke.run)

        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(events, [{"targets": "all", "publish": "none"}] * 3)
        self.assertRegex(ended.out, r"  get_consent +5 ms +5 ms +5 ms\n")
        self.assertRegex(ended.out, r"  account_details_and_balance +not run +not run +not run\n")

    def test_run_now_says_by_its_exit_code_how_it_went(self) -> None:
        self.deploy()
        error = {"blame": "bank", "message": "step 7: the API answered HTTP 503"}
        self.serve({"run_results": [report("failed", error)]})

        failed = self.command("run-now", "--region", "us-east-2", run=smoke.run)
        elsewhere = self.command("run-now", "--region", "eu-west-1", run=smoke.run)

        self.assertEqual(failed.code, 1)
        self.assertIn("us-east-2: step 7: the API answered HTTP 503 (it looks like bank)", failed.out)
        self.assertIn("eu-west-1 is none of the regions", elsewhere.err)

    def test_a_function_that_fails_or_talks_nonsense_is_told_with_its_log(self) -> None:
        cases: dict[str, dict[str, Any]] = {
            "the configuration is missing": {"errorType": "Runtime", "errorMessage": "the configuration is missing"},
            "answered something else than reports": {"hello": "world"},
            "ran no target": {"reports": []},
        }
        self.deploy()
        for reason, answer in cases.items():
            with self.subTest(reason):
                self.serve(answer)

                ended = self.command("run-now", "--region", "us-east-2", run=smoke.run)

                self.assertEqual(ended.code, 1)
                self.assertIn(reason, ended.err)
                self.assertIn("aws logs tail /aws/lambda/xs2a-monitor-probe --region us-east-2", ended.err)

    def serve(self, answer: dict[str, Any]) -> list[Any]:
        """Stands in for the probe; returns the events that it gets."""
        events: list[Any] = []
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(answer, events))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.control("PUT", f"functions/{PROBE}", {"url": f"http://127.0.0.1:{server.server_port}/"})
        self.addCleanup(self.control, "PUT", f"functions/{PROBE}", {"url": None})
        return events


def handler(answer: dict[str, Any], events: list[Any]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the library's spelling)
            events.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            del format, arguments

    return Handler


def report(outcome: str, error: dict[str, str] | None) -> dict[str, Any]:
    steps = [
        {"number": 7, "name": "get_consent", "outcome": "passed", "duration_ms": 5.2},
        {"number": 8, "name": "account_details_and_balance", "outcome": "not_run", "duration_ms": None},
    ]
    return {"target": PASSED.target, "outcome": outcome, "duration_ms": 900.0, "steps": steps, "error": error}


if __name__ == "__main__":
    unittest.main()
