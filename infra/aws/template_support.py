"""What the tests of the templates share: finished templates as data, for deployments of many kinds."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml

import templates

ACCOUNT = "123456789012"
TARGET = {
    "id": "klarna-playground",
    "name": "Klarna's playground",
    "metrics": "full",
    "hosts": ["api.example.com", "authapi.example.com"],
    "token_parameter": None,
    "password_parameter": None,
    "slow_seconds": None,
}
ARTICLE: dict[str, Any] = {
    "home_region": "us-east-1",
    "watch_region": "us-east-2",
    "regions": ["us-east-1", "us-east-2", "us-west-1"],
    "schedule": dict.fromkeys(["us-east-1", "us-east-2", "us-west-1"], "cron(* * * * ? *)"),
    "region_interval_minutes": 1,
    "run_seconds": 58,
    "targets": [TARGET],
    "channels": [],
    "slow_seconds": None,
    "certificate_days": 30,
}


def channel(kind: str, **more: Any) -> dict[str, Any]:
    empty = {"protocol": None, "endpoint": None, "filter_policy": None, "secret_parameter": None, "phone": None}
    return {"id": f"{kind}-ops", "type": kind, **empty, **more}


def told_by_sns(kind: str, endpoint: str) -> dict[str, Any]:
    return channel(kind, protocol=kind, endpoint=endpoint, filter_policy={"channels": [f"{kind}-ops"]})


ALL_CHANNELS = [
    told_by_sns("email", "team@example.com"),
    told_by_sns("sms", "+31201234567"),
    told_by_sns("https", "https://hub.example.com/a?b='#: {c}"),
    channel("phone", phone={"number": "+31201234567", "origination": "+31207654321"}),
    *(
        channel(kind, secret_parameter=f"/xs2a-monitor/channels/{kind}")
        for kind in ("slack", "teams", "pagerduty", "opsgenie", "webhook")
    ),
]


def target(name: str, **more: Any) -> dict[str, Any]:
    return TARGET | {"id": name, "name": f"The ${{name}} of {name}", "token_parameter": f"/banks/{name}/token", **more}


def regions(*names: str, **more: Any) -> dict[str, Any]:
    watch = names[1] if len(names) > 1 else names[0]
    schedule = dict.fromkeys(names, "cron(* * * * ? *)")
    return ARTICLE | {"home_region": names[0], "watch_region": watch, "regions": [*names], "schedule": schedule, **more}


ROUND_ROBIN = ARTICLE | {
    "region_interval_minutes": 3,
    "schedule": {region: f"cron({place}/3 * * * ? *)" for place, region in enumerate(ARTICLE["regions"])},
}
TWO_TARGETS = [
    target("first", password_parameter="plain-name", slow_seconds=8.5),
    target("second", metrics="run", hosts=["api.example.com", "api.example.com"]),
]
VARIANTS: dict[str, dict[str, Any]] = {
    "article": ARTICLE,
    "one region": regions("eu-central-1"),
    "round-robin": ROUND_ROBIN,
    "all channels": ARTICLE | {"channels": ALL_CHANNELS},
    "two targets": ARTICLE | {"targets": TWO_TARGETS},
    "many": regions(
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-central-1"),
        targets=[target(f"bank-{number}") for number in range(7)],
        region_interval_minutes=60,
    ),
    "no steps": ARTICLE | {"targets": [TARGET | {"metrics": "run"}]},
}


# What is off by default, on.
ALL_SETTINGS: dict[str, Any] = {"target_alarms": True, "report_link_hours": 4}


class Template(NamedTuple):
    """A finished template: as CloudFormation gets it, and read."""

    name: str
    region: str
    text: str
    resources: dict[str, Any]
    parameters: dict[str, Any]
    whole: dict[str, Any]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Their properties, by logical id."""
        found = {name: each for name, each in self.resources.items() if each["Type"] == kind}
        return {name: each.get("Properties", {}) for name, each in found.items()}


def settings(deployment: dict[str, Any], **more: Any) -> templates.Settings:
    packages = {region: templates.Packages(f"bucket-{region}", "p.zip", "a.zip") for region in deployment["regions"]}
    return templates.Settings(ACCOUNT, packages, **more)


def finished(deployment: dict[str, Any], **more: Any) -> Iterator[Template]:
    """The home stack's, then those of all regions."""
    given = settings(deployment, **more)
    yield parsed("home", deployment["home_region"], templates.home(deployment, given))
    for region in deployment["regions"]:
        yield parsed("regional", region, templates.regional(deployment, region, given))


def every_template() -> Iterator[tuple[str, Template]]:
    """Of all variants, with a label for a failure."""
    for name, deployment in VARIANTS.items():
        for template in finished(deployment, **({} if name == "article" else ALL_SETTINGS)):
            yield f"{name}: {template.name} {template.region}", template


@cache
def parsed(name: str, region: str, text: str) -> Template:
    whole = yaml.load(text, Loader=Loader)
    return Template(name, region, text, whole["Resources"], whole["Parameters"], whole)


class Loader(yaml.SafeLoader):
    """Knows the short forms of CloudFormation's functions, and refuses a key that stands there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{twice} stands there twice, {node.start_mark}")
        return super().construct_mapping(node, deep)


def long_form(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    assert isinstance(node, yaml.SequenceNode)
    return {name: loader.construct_sequence(node, deep=True)}


Loader.add_multi_constructor("!", long_form)


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """The alarms' properties, by logical id."""
    return template.of_type("AWS::CloudWatch::Alarm")


def strings(value: Any) -> Iterator[str]:
    """Every text in it, keys and values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
