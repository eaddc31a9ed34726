"""The policy of a deployer: enough for what the commands call, and no more than our names. `make test` runs it."""

import json
import unittest
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest import mock

from account import Account
from deploy_support import ARTICLE, HOME, DeployTest
from template_support import ALL_CHANNELS, as_list, every_template

POLICY = json.loads((Path(__file__).parent / "deployer-policy.json").read_text(encoding="utf-8"))
# A managed policy's most characters, blanks aside (IAM User Guide, "IAM and AWS STS quotas").
MOST_CHARACTERS = 6144
# Calls whose permission has another name; None: it needs none.
PERMISSIONS: dict[str, str | None] = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "sts:GetCallerIdentity": None,
}
PREFIXES = {"pinpoint-sms-voice-v2": "sms-voice", "monitoring": "cloudwatch"}
# What these kinds of resources take to be made and deleted (CloudFormation registry, the handlers' permissions).
MAKING = {
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable dynamodb:DeleteTable dynamodb:UpdateContinuousBackups",
    "AWS::IAM::Role": "iam:CreateRole iam:DeleteRole iam:PutRolePolicy iam:DeleteRolePolicy iam:GetRole iam:TagRole",
    "AWS::Lambda::EventInvokeConfig": "lambda:PutFunctionEventInvokeConfig lambda:DeleteFunctionEventInvokeConfig",
    "AWS::Lambda::Function": "lambda:CreateFunction lambda:DeleteFunction lambda:GetFunction iam:PassRole s3:GetObject",
    "AWS::Lambda::Permission": "lambda:AddPermission lambda:RemovePermission",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:DescribeLogGroups",
    "AWS::S3::Bucket": "s3:CreateBucket s3:DeleteBucket s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration",
    "AWS::S3::BucketPolicy": "s3:PutBucketPolicy s3:DeleteBucketPolicy s3:GetBucketPolicy",
    "AWS::SNS::Subscription": "sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes",
    "AWS::SNS::Topic": "sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:TagResource",
    "AWS::SNS::TopicPolicy": "sns:SetTopicAttributes",
    "AWS::SQS::Queue": "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:TagQueue",
    "AWS::SQS::QueuePolicy": "sqs:SetQueueAttributes",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule scheduler:DeleteSchedule scheduler:GetSchedule iam:PassRole",
}
# What knows no resources, or is asked for all of them at once.
FOR_ALL = {
    "cloudwatch:DescribeAlarms",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "scheduler:ListSchedules",
    "sms-voice:DescribeAccountAttributes",
    "sns:GetSMSSandboxAccountStatus",
    "sns:Unsubscribe",
    "ssm:DescribeParameters",
}


def statements() -> Iterator[tuple[list[str], list[str]]]:
    for statement in POLICY["Statement"]:
        yield as_list(statement["Action"]), as_list(statement["Resource"])


def is_allowed(permission: str) -> bool:
    return any(fnmatchcase(permission, action) for actions, _ in statements() for action in actions)


class Policy(DeployTest):
    def test_it_allows_every_call_of_every_command(self) -> None:
        # The local AWS knows no sandboxes.
        channels = [channel for channel in ALL_CHANNELS if channel["type"] not in ("phone", "sms")]
        self.configuration = ARTICLE | {"channels": channels}
        for channel in channels:
            if channel["secret_parameter"]:
                self.client("ssm").put_parameter(Name=channel["secret_parameter"], Value="x", Type="SecureString")
        calls: set[str] = set()
        with mock.patch.object(Account, "client", noting(calls)):
            self.command("secret", stdin="token")
            self.command("plan")
            self.deploy()
            bucket = f"xs2a-monitor-reports-123456789012-{HOME}"
            self.client("s3").put_object(Bucket=bucket, Key="latest/a.json", Body=b"{}")
            self.command("status")
            self.command("destroy", "--yes", "--secrets")

        self.assertGreater(len(calls), 20)
        needed = {PERMISSIONS.get(call, call) for call in calls} - {None}
        self.assertEqual({each for each in needed if each and not is_allowed(each)}, set())

    def test_it_allows_what_cloudformation_makes_in_our_name(self) -> None:
        kinds = {resource["Type"] for _, template in every_template() for resource in template.resources.values()}

        self.assertEqual(kinds, set(MAKING))
        needed = {permission for kind in kinds for permission in MAKING[kind].split()}
        self.assertEqual({each for each in needed if not is_allowed(each)}, set())

    def test_it_reaches_only_our_names(self) -> None:
        for actions, resources in statements():
            if resources == ["*"]:
                self.assertEqual(set(actions), FOR_ALL)
                continue
            for resource in resources:
                self.assertRegex(resource, r"[:/]xs2a-monitor(-|/|$)")
            self.assertFalse([action for action in actions if action.endswith(":*")])

    def test_roles_are_given_to_lambda_and_the_scheduler_only(self) -> None:
        (statement,) = [each for each in POLICY["Statement"] if "iam:PassRole" in as_list(each["Action"])]

        services = statement["Condition"]["StringEquals"]["iam:PassedToService"]
        self.assertEqual(services, ["lambda.amazonaws.com", "scheduler.amazonaws.com"])

    def test_iam_takes_it(self) -> None:
        self.assertLessEqual(len("".join(json.dumps(POLICY).split())), MOST_CHARACTERS)


def noting(calls: set[str]) -> Any:
    make = Account.client

    def client(account: Account, service: str, region: str, once: bool = False) -> Any:
        made = make(account, service, region, once)
        prefix = PREFIXES.get(service, service)
        made.meta.events.register("before-call", lambda model, **_: calls.add(f"{prefix}:{model.name}"))
        return made

    return client


if __name__ == "__main__":
    unittest.main()
