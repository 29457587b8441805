"""`windshear.toml`: found where it should be, and every mistake in it told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.cli.configuration import FILE_NAME, find_configuration, read_configuration
from windshear.cli.linting.settings import settings_for
from windshear.core.errors import InputError, SettingError
from windshear.language.lint.settings import LintSettings, Tenant


def _written(folder: Path, text: str) -> Path:
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_nearest_file_above_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file beside the rules, or in the nearest folder above; without one, everything as it comes."""
    rules = tmp_path / "team" / "rules"
    rules.mkdir(parents=True)
    rule = rules / "a.yaral"
    rule.touch()
    monkeypatch.chdir(rules)
    assert find_configuration(None, [rule]).path is None
    outer = _written(tmp_path, "[lint]\n")
    for paths in ([rule], [rules], [Path()], []):
        assert find_configuration(None, paths).path == outer
    inner = _written(tmp_path / "team", "[lint]\n")
    assert find_configuration(None, [rule]).path == inner
    assert find_configuration(outer, [rule]).path == outer


def test_settings(tmp_path: Path) -> None:
    """Every key reaches the settings of a file."""
    path = _written(
        tmp_path,
        """
[lint]
select = ["correctness", "W54"]
ignore = ["W503"]
required-meta = ["owner"]
most-literals = 5

[lint.severity]
W501 = "error"
case-of-name = "warning"

[lint.per-file-ignore]
"legacy/**" = ["metadata"]
"*_test.yaral" = ["W541"]

[lint.tenant]
edition = "enterprise"
run-frequency = "10m"
""",
    )
    settings_of = settings_for(find_configuration(path, []), [], ["style"])
    common = LintSettings(
        select=("correctness", "W54"),
        ignore=("W503", "style"),
        severities=(("W501", "error"), ("W529", "warning")),
        required_meta=("owner",),
        most_literals=5,
        tenant=Tenant("enterprise", "10m"),
    )
    assert settings_of(str(tmp_path / "a.yaral")) == common
    assert settings_of(str(tmp_path / "legacy" / "deep" / "a.yaral")).ignore == ("W503", "style", "metadata")
    assert settings_of(str(tmp_path / "x" / "a_test.yaral")).ignore == ("W503", "style", "W541")
    assert settings_for(find_configuration(path, []), ["cost"], [])("a.yaral").select == ("cost",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lint]\nselct = []\n", "2: `lint.selct`: there is no such key; did you mean `select`?"),
        ("\n[lnt]\n", "2: `lnt`: there is no such key; did you mean `lint`?"),
        ('[lint]\n\n[lint.tenant]\nedition = "gold"\n', "4: `lint.tenant.edition`: input should be"),
        ('[lint.severity]\nW501 = "bad"\n', "2: `lint.severity.W501`: input should be"),
        ("[lint]\nmost-literals = 0\n", "2: `lint.most-literals`: input should be greater than 0"),
        ('[lint]\nselect = "W501"\n', "2: `lint.select`: input should be a valid list"),
        ("[lint]\nselect = [\n", "invalid"),
        ("[lint]\nzzzz = 1\n", "2: `lint.zzzz`: there is no such key; known: select, ignore"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    """Wrong keys, values and TOML."""
    path = _written(tmp_path, text)
    with pytest.raises(SettingError) as error:
        read_configuration(path)
    assert message.lower() in str(error.value).lower()
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[lint]\nignore = ["plain-not-equal-on-repeatd"]\n', "did you mean `plain-not-equal-on-repeated`?"),
        ('[lint.severity]\nW999 = "error"\n', "`W999` is no lint"),
        ('[lint.per-file-ignore]\n"*" = ["styl"]\n', "did you mean `style`?"),
    ],
)
def test_unknown_lints_are_told(tmp_path: Path, text: str, message: str) -> None:
    """A word that names no lint is an error, with the one that was meant."""
    with pytest.raises(SettingError) as error:
        settings_for(find_configuration(_written(tmp_path, text), []), [], [])
    assert message in str(error.value)


def test_unknown_lint_on_the_command_line() -> None:
    """So is one on the command line."""
    with pytest.raises(SettingError, match=r"--ignore: `W999` is no lint"):
        settings_for(find_configuration(None, []), [], ["W999"])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are named."""
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none.toml", tmp_path, binary):
        with pytest.raises(InputError, match=path.name):
            read_configuration(path)
