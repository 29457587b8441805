"""What all tests share: the option that rewrites expected results."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--golden`, which `make golden` sets."""
    parser.addoption("--golden", action="store_true", help="rewrite expected results instead of comparing with them")
