"""The bill of a month: what the functions use of AWS, counted in real runs, times prices.toml.

    .local/venv/bin/python infra/aws/cost.py [--config FILE] [--json]

Starts the local AWS, a simulated bank and the functions, plays minutes of the configured schedule, and notes every
call and every byte of log. What a laptop cannot measure (how late a real bank answers, say) is an assumption of
prices.toml. Takes one to two minutes; progress goes to standard error. Exit codes: 0 measured, whatever it costs;
1 the configuration does not validate, or something did not build, start or pass; 2 bad usage.
"""

import os

# Read first: what is imported next keeps the developer's environment away from what is started.
MONITOR_CONFIG = os.environ.get("MONITOR_CONFIG")

import cost_rig  # noqa: E402, F401

import argparse  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from cost_bill import Case  # noqa: E402
from cost_measure import BenchError, measure  # noqa: E402
from cost_prices import read_prices  # noqa: E402
from cost_show import as_json, as_table  # noqa: E402
from cost_standing import standing  # noqa: E402
from cost_units import UnknownCallError  # noqa: E402
from document import config_file, read_document  # noqa: E402
from refusal import Refusal  # noqa: E402
from screen import Screen  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="cost.py", description="The bill of a month, measured.")
    parser.add_argument("--config", default=MONITOR_CONFIG, help="the configuration; default infra/monitor.toml")
    parser.add_argument("--json", action="store_true", help="print a JSON document instead of the tables")
    options = parser.parse_args()
    try:
        case = measured_case(config_file(options.config))
    except Refusal as refusal:
        Screen().complain("cost", refusal)
        return 1
    except (BenchError, UnknownCallError, OSError, ValueError) as error:
        tell(str(error))
        return 1
    print(json.dumps(as_json(case), indent=2) if options.json else as_table(case))
    return 0


def measured_case(config: Path) -> Case:
    """Raises Refusal, BenchError, UnknownCallError, OSError or ValueError."""
    prices = read_prices()
    document = read_document(config)
    measured = measure(document, config, prices.assumptions["bank_answer_ms"], tell)
    return Case(document, measured, standing(document), prices)


def tell(text: str) -> None:
    Screen().tell(f"cost: {text}")


if __name__ == "__main__":
    sys.exit(main())
