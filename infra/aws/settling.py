"""When the alarms about silence may begin to act."""

import time

from deployment import Deployment
from names import HEARTBEAT_MISSING, MISSING_RUNS

# CloudWatch looks at a new alarm within a minute or two.
MOST_SECONDS = 180
PAUSE_SECONDS = 5.0


def let_alarms_settle(deployment: Deployment, region: str) -> None:
    """Waits until they have seen that nothing came yet.

    An alarm acts when its state changes. Switched on before its first look, it would find silence and tell people;
    switched on after it, the next change is the good one. Raises ClientError.
    """
    cloudwatch = deployment.account.client("cloudwatch", region)
    for tries in range(int(MOST_SECONDS / PAUSE_SECONDS)):
        alarms = cloudwatch.describe_alarms(AlarmNames=[MISSING_RUNS, HEARTBEAT_MISSING])["MetricAlarms"]
        if all(alarm["StateValue"] != "INSUFFICIENT_DATA" for alarm in alarms):
            return
        if tries == 0:
            deployment.screen.progress(region, "waiting for the new alarms' first look, so that none of them cries")
        time.sleep(PAUSE_SECONDS)
