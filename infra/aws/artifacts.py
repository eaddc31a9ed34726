"""The bucket of each region that Lambda and CloudFormation read from."""

from typing import Any

from botocore.exceptions import ClientError

from account import Account
from names import artifact_bucket, report_bucket
from package import Package
from refusal import Refusal, code_of

# Only us-east-1 takes no constraint (Amazon S3 API Reference, CreateBucket).
WITHOUT_CONSTRAINT = "us-east-1"
DELETE_AT_ONCE = 1000
# HEAD has no body, so the code is the status.
NOT_THERE = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}
NOT_OURS = {"301", "403", "AccessDenied", "PermanentRedirect"}


def check_ours(account: Account, region: str) -> None:
    """Changes nothing. Raises Refusal when a bucket of our names belongs to somebody else; ClientError."""
    for bucket in (artifact_bucket(account.number, region), report_bucket(account.number, region)):
        is_there(account, region, bucket)


def is_there(account: Account, region: str, bucket: str) -> bool:
    try:
        return head(account.client("s3", region), bucket, account.number)
    except ClientError as error:
        if code_of(error) not in NOT_OURS:
            raise
        raise Refusal(
            f"{region}: the bucket {bucket} belongs to another account or region, or may not be read",
            "its owner has to give it up: the name is fixed, so that nobody can slip in another bucket",
        ) from error


def head(s3: Any, bucket: str, owner: str) -> bool:
    """Whether there is one. Raises ClientError when it is not the owner's."""
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=owner)
        return True
    except ClientError as error:
        if code_of(error) in NOT_THERE:
            return False
        raise


def make_bucket(account: Account, region: str) -> str:
    """The region's artifact bucket, made when it is not there: closed to the public, for this account only."""
    bucket = artifact_bucket(account.number, region)
    if is_there(account, region, bucket):
        return bucket
    s3 = account.client("s3", region)
    place = {} if region == WITHOUT_CONSTRAINT else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **place)
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
    return bucket


def store(account: Account, region: str, package: Package) -> bool:
    """Whether it had to be sent: the key names the content, so what is there is right."""
    s3 = account.client("s3", region)
    place: dict[str, Any] = {
        "Bucket": artifact_bucket(account.number, region),
        "Key": package.key,
        "ExpectedBucketOwner": account.number,
    }
    try:
        s3.head_object(**place)
        return False
    except ClientError as error:
        if code_of(error) not in NOT_THERE:
            raise
    s3.put_object(Body=package.content, ChecksumAlgorithm="SHA256", **place)
    return True


def empty(account: Account, region: str, bucket: str) -> int:
    """How many objects and versions were deleted; 0 also when there is no such bucket."""
    if not is_there(account, region, bucket):
        return 0
    s3 = account.client("s3", region)
    gone = 0
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=DELETE_AT_ONCE)
    for page in pages:
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found]
        if objects:
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            refuse_leftovers(bucket, answer.get("Errors", []))
        gone += len(objects)
    return gone


def refuse_leftovers(bucket: str, errors: list[dict[str, Any]]) -> None:
    if errors:
        first = errors[0]
        raise Refusal(f"{len(errors)} objects of {bucket} cannot be deleted, the first: {first.get('Message')}")


def remove_bucket(account: Account, region: str) -> bool:
    """Whether there was one."""
    bucket = artifact_bucket(account.number, region)
    if not is_there(account, region, bucket):
        return False
    empty(account, region, bucket)
    account.client("s3", region).delete_bucket(Bucket=bucket, ExpectedBucketOwner=account.number)
    return True
