"""The examples of lints as rules: what a lint's page shows, with the header and the metadata that it leaves out."""

from __future__ import annotations

from typing import Final

NAME: Final = "example"
_META: Final = """
  meta:
    author = "Detection team"
    description = "Shows one finding"
    severity = "Low"
    mitre_attack_technique = "T1078"
"""


def example_rule(body: str, name: str = NAME) -> str:
    """Return an example as a whole rule."""
    meta = "" if "  meta:\n" in body else _META
    return f"rule {name} {{\n{meta.removeprefix(chr(10))}{body.removeprefix(chr(10))}}}\n"


def with_test(line: str) -> str:
    """Return an example whose process launches pass one more test, which is what it is about."""
    return f"""
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    {line}
  condition:
    $e
"""
