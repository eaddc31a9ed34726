"""Keeps a developer's environment out of the local cloud: imported before anything that reads it."""

import os

# What leads to an account, a bank or a proxy, by the beginning or, a proxy's, by the end of its name.
PREFIXES = ("AWS_", "BOTO", "MOTO_", "XS2A_", "KOSMA_", "MONITOR_CONFIG", "RUN_RESULT_TOPIC_ARN", "REPORT_")
PROXY = "_proxy"

# Dummies: nothing here may reach, or take credentials from, a real account.
DUMMIES = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

for name in list(os.environ):
    if name.startswith(PREFIXES) or name.lower().endswith(PROXY):
        del os.environ[name]
os.environ |= DUMMIES
