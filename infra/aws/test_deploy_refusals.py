"""Bad input and bad luck: one clear message each, and nothing changed. `make test` runs it."""

import io
import os
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

import artifacts
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound
from deploy_support import ACCOUNT, ARTICLE, HOME, REGIONS, TOKEN, DeployTest, Ended
from names import HOME_STACK, REGIONAL_STACK
from refusal import Refusal, from_aws
from stacks import Stack, check_workable
from template_support import TARGET


class Refusals(DeployTest):
    def test_there_are_no_credentials(self) -> None:
        with mock.patch.dict(os.environ):
            del os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
            ended = self.command("deploy")

        self.assert_refused(ended, "there are no AWS credentials", "set AWS_PROFILE")

    def test_the_profile_does_not_exist(self) -> None:
        with mock.patch.dict(os.environ, {"AWS_PROFILE": "nobody"}):
            ended = self.command("deploy")

        self.assert_refused(ended, "profile (nobody) could not be found", "list-profiles")

    def test_the_configuration_does_not_validate(self) -> None:
        def read(config: object) -> dict[str, object]:
            raise Refusal("infra/monitor.toml: line 7, column 1: unknown key `intervall`", "correct it")

        ended = self.command("deploy", read_document=read)

        self.assertEqual(ended.code, 1)
        self.assertIn("deploy: infra/monitor.toml: line 7, column 1: unknown key `intervall`\n", ended.err)
        self.assertEqual(self.left_behind(), [])

    def test_the_configuration_is_not_there(self) -> None:
        ended = self.command("--config", "/nowhere/monitor.toml", "deploy")

        self.assertIn("there is no configuration /nowhere/monitor.toml", ended.err)

    def test_a_link_cannot_live_longer_than_what_signs_it(self) -> None:
        for hours in ("13", "-1", "4h", ""):
            said = io.StringIO()
            with self.subTest(hours), mock.patch("sys.stderr", said), self.assertRaises(SystemExit) as ended:
                self.command("deploy", "--report-link-hours", hours)
            self.assertEqual(ended.exception.code, 2)
            self.assertRegex(said.getvalue(), "0, for none, to 12 is needed|expected one argument")

    def test_a_region_does_not_exist(self) -> None:
        self.configuration = ARTICLE | {"regions": [*REGIONS, "us-est-1"]}

        ended = self.command("deploy")

        self.assert_refused(ended, "us-est-1 is no AWS region that is known here", "us-east-1, us-east-2")

    def test_the_token_is_not_there_yet(self) -> None:
        self.client("ssm", "us-west-1").delete_parameter(Name=TOKEN)

        ended = self.command("deploy")

        reason = f"the SSM parameters {TOKEN} are not there in us-west-1"
        self.assert_refused(ended, reason, f"make secret PARAMETER={TOKEN}")

    def test_two_targets_cannot_go_without_a_token_parameter(self) -> None:
        self.configuration = ARTICLE | {"targets": [TARGET, TARGET | {"id": "other"}]}

        self.assert_refused(self.command("deploy"), "has no token_parameter", "give each target its own")

    def test_a_bucket_of_ours_belongs_to_somebody_else(self) -> None:
        # The local AWS does not ask whose a bucket is; AWS answers like this.
        forbidden = ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")
        for bucket in ("artifacts", "reports"):
            name = f"xs2a-monitor-{bucket}-{ACCOUNT}-us-east-2"
            with self.subTest(bucket), mock.patch.object(artifacts, "head", side_effect=only(name, forbidden)):
                ended = self.command("deploy")

                self.assert_refused(ended, f"us-east-2: the bucket {name} belongs to another account", "its owner")

    def test_the_home_stack_stands_elsewhere(self) -> None:
        self.deploy()
        self.configuration = ARTICLE | {"home_region": "us-east-2"}

        ended = self.command("deploy")

        self.assertEqual(ended.code, 1)
        self.assertIn("the home stack stands in us-east-1, and home_region is us-east-2", ended.err)

    def test_a_stack_that_was_only_begun_is_made_anew(self) -> None:
        for region, name in ((HOME, HOME_STACK), ("us-east-2", REGIONAL_STACK)):
            self.client("cloudformation", region).create_change_set(
                StackName=name, ChangeSetName="begun", ChangeSetType="CREATE", TemplateBody='{"Resources": {}}'
            )

        ended = self.deploy()

        self.assertIn("an earlier attempt left REVIEW_IN_PROGRESS; making it anew", ended.err)
        self.assertEqual([self.stacks(region) for region in REGIONS[1:]], [[REGIONAL_STACK]] * 2)

    def test_a_resource_that_is_there_already_fails_its_region_only(self) -> None:
        self.client("s3", "us-west-1").create_bucket(
            Bucket=f"xs2a-monitor-reports-{ACCOUNT}-us-west-1",
            CreateBucketConfiguration={"LocationConstraint": "us-west-1"},
        )

        ended = self.command("deploy")

        self.assertEqual(ended.code, 1)
        self.assertIn("Regions     2 of 3 run", ended.out)
        self.assertIn("us-west-1       failed: ", ended.err)

    def test_a_fault_of_these_programs_is_one_sentence_too(self) -> None:
        def build(architecture: str) -> object:
            raise KeyError("probe")

        ended = self.command("deploy", build=build)

        self.assertEqual(ended.code, 1)
        self.assertIn("deploy: a fault of this program: KeyError: 'probe' (", ended.err)
        self.assertNotIn("Traceback", ended.err)

    def assert_refused(self, ended: Ended, reason: str, advice: str) -> None:
        """Nothing is changed, and the reason and what to do are one line each."""
        lines = ended.err.splitlines()
        self.assertEqual((ended.code, len(lines)), (1, 2), ended.err)
        self.assertIn(reason, lines[0])
        self.assertIn(advice, lines[1])
        self.assertEqual(self.left_behind(), [])


class Words(unittest.TestCase):
    def test_what_aws_answers_is_told_with_what_to_do(self) -> None:
        cases = {
            "AccessDenied": ("us-east-2: AWS does not allow CreateChangeSet: why", "deployer-policy.json"),
            "ExpiredToken": ("us-east-2: the AWS credentials have expired", "sign in again"),
            "InvalidClientTokenId": ("us-east-2: AWS does not know these credentials", "AWS_PROFILE"),
            "Throttling": ("us-east-2: AWS has no time for CreateChangeSet", "again in a minute"),
        }
        for code, (reason, advice) in cases.items():
            with self.subTest(code):
                error = ClientError({"Error": {"Code": code, "Message": "why"}}, "CreateChangeSet")

                refusal = from_aws(error, "us-east-2")

                self.assertIn(reason, refusal.reason)
                self.assertIn(advice, refusal.advice or "")
        self.assertIn("no AWS credentials", from_aws(NoCredentialsError()).reason)
        self.assertIn("nobody", from_aws(ProfileNotFound(profile="nobody")).reason)

    def test_a_stack_that_cannot_be_changed_says_what_to_do(self) -> None:
        cases = {
            "UPDATE_IN_PROGRESS": "another deployment is at work",
            "DELETE_FAILED": "it is half deleted (a bucket is not empty)",
            "UPDATE_ROLLBACK_FAILED": "continue-update-rollback --region us-east-2",
        }
        for status, words in cases.items():
            with self.subTest(status):
                stack = Stack("us-east-2", REGIONAL_STACK, "arn", status, "a bucket is not empty", {})

                with self.assertRaises(Refusal) as raised:
                    check_workable(stack)

                self.assertIn(words, f"{raised.exception.reason} {raised.exception.advice}")
        for status in ("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"):
            check_workable(Stack("us-east-2", REGIONAL_STACK, "arn", status, "", {}))


def only(name: str, error: ClientError) -> Callable[[Any, str, str], bool]:
    """Raises for one bucket; there is no other."""

    def head(s3: object, bucket: str, account: str) -> bool:
        del s3, account
        if bucket == name:
            raise error
        return False

    return head


if __name__ == "__main__":
    unittest.main()
