"""cfn-lint, and the rules of security.guard, on finished templates; both work offline. `make test` runs it."""

import importlib.util
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from template_support import ALL_SETTINGS, ARTICLE, VARIANTS, Template, finished

HERE = Path(__file__).resolve().parent
RULES = HERE / "security.guard"
EXCEPTIONS = HERE / "security-exceptions.yaml"
# Beside the Python that runs the tests.
CFN_LINT = str(Path(sys.executable).with_name("cfn-lint"))
LINTED = ("article", "all channels", "two targets")


class CloudFormationLinter(unittest.TestCase):
    def test_it_finds_nothing_in_the_articles_three_regions(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in LINTED:
                for template in finished(VARIANTS[name], **ALL_SETTINGS):
                    path = Path(folder, f"{name}-{template.name}-{template.region}.yaml".replace(" ", "-"))
                    path.write_text(template.text, encoding="utf-8")
            # It sees a template as all the given regions would.
            command = [CFN_LINT, "--include-checks", "I"]
            command += ["--regions", *ARTICLE["regions"], "--template", *map(str, sorted(Path(folder).iterdir()))]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, "", ""))


@unittest.skipUnless(importlib.util.find_spec("cfn_guard_rs"), "cfn-guard-rs has no wheel for this Python or system")
class SecurityRules(unittest.TestCase):
    def test_every_rule_is_followed_or_there_is_a_reason(self) -> None:
        reasons = yaml.safe_load(EXCEPTIONS.read_text(encoding="utf-8"))
        for name in LINTED:
            for template in finished(VARIANTS[name], **ALL_SETTINGS):
                self.assertEqual(broken(template), {*reasons[template.name]}, f"{name}: {template.name}")

    def test_every_exception_gives_its_reason(self) -> None:
        for exceptions in yaml.safe_load(EXCEPTIONS.read_text(encoding="utf-8")).values():
            for rule, reason in exceptions.items():
                self.assertGreater(len(reason), 40, rule)


def broken(template: Template) -> set[str]:
    """The rules that the template breaks. One rule at a time: the library loses the start of a report beyond 8 KB."""
    import cfn_guard_rs

    names, *rules = re.split(r"^(?=rule )", RULES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    reports = {rule.split()[1]: cfn_guard_rs.run_checks(template.whole, names + rule) for rule in rules}
    return {rule for rule, report in reports.items() if report.status == "FAIL"}


if __name__ == "__main__":
    unittest.main()
