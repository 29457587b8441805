"""The wheel: built with the locked backend, installed away from the checkout, it has everything that it needs.

Nothing is fetched: the new environment sees the packages of the environment that runs the tests, but not this package,
because entries of a `.pth` file are not searched for further `.pth` files, which is what an editable install is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
pytestmark = pytest.mark.slow


def succeed(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; return what it wrote."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment() -> Mapping[str, str]:
    """Return the environment without anything that leads back to the checkout."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(ROOT))
    succeed(*PIP, *build, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment; return the command."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    succeed(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    paths = json.loads(
        succeed(python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()))", cwd=folder)
    )
    seen = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (Path(paths["purelib"]) / "of_the_tests.pth").write_text("\n".join(seen) + "\n")
    succeed(*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    return folder / "bin" / "windshear"


def test_wheel_holds_what_the_code_reads(wheel: Path) -> None:
    """Schema, suffixes, rules, tests, guides, samples with their licences, and the type marker are in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name.removeprefix("windshear/") for name in archive.namelist()}
    source = ROOT / "src" / "windshear"
    wanted = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= packed
    assert {"py.typed", "udm/schema.json", "content/demo/real/msticpy/LICENSE"} <= packed


def test_the_installed_package_is_the_one_that_runs(command: Path, tmp_path: Path) -> None:
    """The environment imports the installed files and not the checkout."""
    python = command.with_name("python")
    place = succeed(python, "-c", "import windshear; print(windshear.__file__)", cwd=tmp_path).strip()
    assert Path(place).is_relative_to(command.parents[1])
    assert succeed(command, "--version", cwd=tmp_path).startswith("windshear ")


def test_demo_of_the_wheel(command: Path, tmp_path: Path) -> None:
    """`windshear demo` finds the same in the installed samples."""
    shown = succeed(command, "demo", cwd=tmp_path)
    for rule in ("t1021_007_chain", "aws_console_login_without_mfa", "risky_entra_sign_in"):
        assert f"  {rule}  risk " in shown
    assert "\nNext\n" in shown
    assert str(ROOT / "src") not in shown


def test_scan_of_the_wheel(command: Path, tmp_path: Path) -> None:
    """`windshear scan` runs the built-in content over logs that lie elsewhere."""
    sample = ROOT / "src/windshear/content/demo/real/stratus-red-team/aws.initial-access.console-login-without-mfa.json"
    (tmp_path / "login.json").write_bytes(sample.read_bytes())
    (found,) = [
        json.loads(line) for line in succeed(command, "scan", "login.json", "-f", "jsonl", cwd=tmp_path).splitlines()
    ]
    assert found["detection"][0]["ruleName"] == "aws_console_login_without_mfa"
    succeed(command, "check", "--strict", *map(str, (command.parents[1]).rglob("rules/*/rule.yaral")), cwd=tmp_path)
