"""The built wheel works away from the checkout, with its built-in content."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the locked backend and install it alone in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(built, check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)], check=True, cwd=folder
    )
    return site


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command with only the wheel's own copy of the package in reach."""
    code = (
        "import sys, windshear; print(windshear.__file__, file=sys.stderr); from windshear.cli.main import main; main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_COLOR": "1"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=site, env=environment, check=False)


def test_demo_of_the_wheel(installed: Path) -> None:
    """The demo finds the three detections in real records and those in written ones."""
    done = run(installed, "demo")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(installed))
    for rule in (
        "aws_console_login_without_mfa",
        "single_factor_azure_portal_sign_in",
        "aws_instance_role_used_away_from_instance",
        "cloud_cli_authentication_on_endpoint",
        "risky_entra_sign_in",
    ):
        assert rule in done.stdout


def test_scan_of_the_wheel_with_built_in_rules(installed: Path) -> None:
    """A scan without rules runs the built-in ones."""
    logs = installed / "windshear" / "content" / "demo" / "real" / "stratus-red-team"
    done = run(installed, "scan", str(logs), "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    assert "865d9377-9c6b-4fd7-8aad-725e95f6a140" in done.stdout
