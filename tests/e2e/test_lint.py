"""`windshear lint` as people and machines run it: what it says, what it changes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import windshear
from tests.e2e.terminal import on_terminal
from windshear.language.lint.catalogue import all_lints
from windshear.language.lint.examples import example_rule

BAD = """
  events:
    $e.metadata.event_type = "NETWORK_CONNECTION"
    $e.principal.ip != "10.0.0.1"
    re.regex($e.target.url, `.*mimi(katz|lib)`) nocase
  condition:
    $e
"""
BROKEN = "rule broken { meta: events: $e.nothing = 1 condition: $e }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one rule with two findings and one clean rule."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "bad.yaral").write_text(example_rule(BAD, "bad"))
    (rules / "good.yaral").write_text(example_rule(BAD.replace("$e.principal", "all $e.principal", 1), "good"))
    good = (rules / "good.yaral").read_text().replace("`.*mimi", "`mimi")
    (rules / "good.yaral").write_text(good)
    return tmp_path


def test_findings_with_place_cause_and_way_out(folder: Path) -> None:
    """Findings go to standard output, the counts to standard error, and the exit code says that there are some."""
    done = windshear("lint", "rules", cwd=folder)
    assert done.code == 1
    assert "warning[W501] plain-not-equal-on-repeated: this holds as soon as one" in done.out
    assert " --> rules/bad.yaral:9:5" in done.out
    assert "= help: `all $e.principal.ip != …`" in done.out
    assert done.err == "1 warning, 1 note in 2 files; `--fix` mends 1\n"


def test_current_folder_without_a_path(folder: Path) -> None:
    """Without a path the rules below the current folder are linted."""
    assert windshear("lint", cwd=folder).out == windshear("lint", ".", cwd=folder).out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "error"], 0),
        (["--fail-on", "never"], 0),
        (["--ignore", "W501"], 0),
        (["--ignore", "W501", "--fail-on", "note"], 1),
        (["--select", "style"], 0),
        (["--select", "W501", "--select", "cost"], 1),
    ],
)
def test_exit_code(folder: Path, options: list[str], code: int) -> None:
    """The exit code follows from what was asked for."""
    assert windshear("lint", "rules", *options, cwd=folder).code == code


def test_broken_rule_does_not_stop_the_others(folder: Path) -> None:
    """A rule that cannot run shows its mistake; the others are linted; the exit code is 2."""
    (folder / "rules" / "broken.yaral").write_text(BROKEN)
    done = windshear("lint", "rules", cwd=folder)
    assert done.code == 2
    assert "error[E203] unknown-field" in done.out
    assert "W501" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "`nowhere` does not exist"),
        (["rules", "--select", "W999"], "`W999` is no lint"),
        (["rules", "--config", "none.toml"], "none.toml"),
        (["rules", "--baseline", "none.json"], "`--update-baseline` writes one"),
        (["rules", "--update-baseline"], "needs `--baseline FILE`"),
        (["--explain", "plain-not-equal-on-repeatd"], "did you mean `plain-not-equal-on-repeated`?"),
        (["rules", "--format", "xml"], "xml"),
    ],
)
def test_settings_that_are_wrong(folder: Path, arguments: list[str], message: str) -> None:
    """What was meant is said, and the exit code is 3."""
    done = windshear("lint", *arguments, cwd=folder)
    assert done.code == 3
    assert message in done.err
    assert done.out == ""


def test_configuration_above_the_rules(folder: Path) -> None:
    """The configuration in a folder above the rules applies; a mistake in it names its line."""
    (folder / "windshear.toml").write_text('[lint]\nignore = ["cost"]\n[lint.severity]\nW501 = "note"\n')
    done = windshear("lint", "rules/bad.yaral", cwd=folder)
    assert (done.code, done.err) == (0, "1 note in 1 file\n")
    (folder / "windshear.toml").write_text('[lint]\nignor = ["cost"]\n')
    done = windshear("lint", "rules/bad.yaral", cwd=folder)
    assert done.code == 3
    assert "windshear.toml:2: `lint.ignor`: there is no such key; did you mean `ignore`?" in done.err


def test_baseline(folder: Path) -> None:
    """Known findings are silent, new ones are told, and those that are gone are counted."""
    written = windshear("lint", "rules", "--baseline", "known.json", "--update-baseline", cwd=folder)
    assert (written.code, written.out) == (0, "")
    assert written.err == "2 findings written to known.json\n"
    assert json.loads((folder / "known.json").read_text())["version"] == 1
    silent = windshear("lint", "rules", "--baseline", "known.json", cwd=folder)
    assert (silent.code, silent.out) == (0, "")
    assert silent.err == "nothing found in 2 files; 2 known to the baseline\n"
    good = folder / "rules" / "good.yaral"
    good.write_text(good.read_text().replace("all $e.principal", "$e.principal"))
    assert windshear("lint", "rules", "--baseline", "known.json", cwd=folder).code == 1
    (folder / "rules" / "bad.yaral").unlink()
    gone = windshear("lint", "rules", "--baseline", "known.json", cwd=folder)
    assert "2 of the baseline are gone" in gone.err
    (folder / "known.json").write_text("{}")
    assert windshear("lint", "rules", "--baseline", "known.json", cwd=folder).code == 3


def test_fix(folder: Path) -> None:
    """`--diff` shows and changes nothing; `--fix` changes what is safe; `--unsafe-fixes` the rest."""
    rule = folder / "rules" / "bad.yaral"
    before = rule.read_text()
    shown = windshear("lint", "rules", "--fix", "--diff", cwd=folder)
    assert "-    re.regex($e.target.url, `.*mimi(katz|lib)`) nocase\n" in shown.out
    assert "+    re.regex($e.target.url, `mimi(katz|lib)`) nocase\n" in shown.out
    assert rule.read_text() == before
    fixed = windshear("lint", "rules", "--fix", cwd=folder)
    assert fixed.code == 1
    assert fixed.err.startswith("fixed 1 finding in 1 file\n1 warning in 2 files")
    assert rule.read_text() == before.replace("`.*mimi", "`mimi")
    everything = windshear("lint", "rules", "--unsafe-fixes", cwd=folder)
    assert (everything.code, everything.out) == (0, "")
    assert 'all $e.principal.ip != "10.0.0.1"' in rule.read_text()


def test_fix_keeps_line_ends_and_marks(folder: Path) -> None:
    """A file keeps its byte order mark and its line ends; one that is no UTF-8 is left alone."""
    rule = folder / "rules" / "bad.yaral"
    before = b"\xef\xbb\xbf" + rule.read_text().replace("\n", "\r\n").encode()
    rule.write_bytes(before)
    windshear("lint", "rules", "--fix", cwd=folder)
    assert rule.read_bytes() == before.replace(b"`.*mimi", b"`mimi")
    odd = before.replace(b"Shows one finding", b"Shows \xe4")
    rule.write_bytes(odd)
    done = windshear("lint", "rules", "--fix", cwd=folder)
    assert rule.read_bytes() == odd
    assert "is not UTF-8 text" in done.err


def test_machine_formats(folder: Path) -> None:
    """JSON lines, SARIF, annotations and Markdown hold the same findings as the text."""
    lines = windshear("lint", "rules", "--format", "json", cwd=folder).json_lines
    assert [(line["code"], line["rule"], line["category"]) for line in lines] == [
        ("W501", "bad", "correctness"),
        ("W540", "bad", "cost"),
    ]
    assert lines[1]["fix"][0]["replacement"] == "`mimi(katz|lib)`"
    log = json.loads(windshear("lint", "rules", "--format", "sarif", cwd=folder).out)
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["W501", "W540"]
    summary = folder / "summary.md"
    done = windshear(
        "lint", "rules", "--format", "github", cwd=folder, environment={"GITHUB_STEP_SUMMARY": str(summary)}
    )
    assert done.out.startswith("::warning file=rules/bad.yaral,line=9,")
    assert summary.read_text() == windshear("lint", "rules", "--format", "markdown", cwd=folder).out


def test_check_writes_the_same_formats(folder: Path) -> None:
    """`check` writes SARIF, annotations and Markdown, too."""
    (folder / "rules" / "broken.yaral").write_text(BROKEN)
    log = json.loads(windshear("check", "rules", "--format", "sarif", cwd=folder).out)
    assert {result["level"] for result in log["runs"][0]["results"]} == {"error"}
    done = windshear("check", "rules", "--format", "github", cwd=folder)
    assert done.code == 2
    assert all(line.startswith("::error file=rules/broken.yaral,") for line in done.out.splitlines())
    assert "| error |" in windshear("check", "rules", "--format", "markdown", cwd=folder).out


def test_text_is_bounded(folder: Path) -> None:
    """A long list is cut and says so; the counts are of everything."""
    done = windshear("lint", "rules", "--limit", "1", cwd=folder)
    assert "… and 1 more; `--limit 0` shows all of them." in done.out
    assert "W540  wildcard-at-edge" in done.out
    assert "… and" not in windshear("lint", "rules", "--limit", "0", cwd=folder).out


def test_pages(tmp_path: Path) -> None:
    """`--list` names every lint, `--explain` shows one, or a diagnostic, within 80 columns."""
    listed = windshear("lint", "--list", cwd=tmp_path).out
    assert all(lint.code in listed and lint.name in listed for lint in all_lints())
    page = windshear("lint", "--explain", "w501", cwd=tmp_path).out
    assert page.startswith("W501 plain-not-equal-on-repeated (warning, correctness)\n")
    assert "Not so:" in page
    assert max(map(len, page.splitlines())) <= 80
    assert "unknown-field" in windshear("lint", "--explain", "E203", cwd=tmp_path).out


def test_terminal(folder: Path) -> None:
    """On a terminal there are colours, unless they are refused."""
    assert "\x1b[" in on_terminal("lint", "rules", cwd=folder)[1]
    assert "\x1b[3" not in on_terminal("lint", "rules", cwd=folder, environment={"NO_COLOR": "1"})[1]
    assert "\x1b[" not in windshear("lint", "rules", cwd=folder).out
