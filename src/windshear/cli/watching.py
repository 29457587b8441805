"""Doing something again whenever files change, until the person interrupts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from windshear.cli.console import tell
from windshear.core.errors import SettingError, WindshearError


def watch(paths: Sequence[Path], act: Callable[[], object]) -> None:
    """Act now, and again after each change below some paths; what is wrong then is told, and watching goes on."""
    try:
        import watchfiles
    except ImportError as error:
        raise SettingError("watching files needs an extra: pip install 'windshear[watch]'") from error
    places = [path if path.is_dir() else path.parent for path in paths]
    _try(act)
    tell("watching for changes; Ctrl-C ends", style="dim")
    for changes in watchfiles.watch(*dict.fromkeys(places), watch_filter=_is_of_interest):
        names = sorted({Path(name).name for _, name in changes})
        tell(f"\nchanged: {', '.join(names[:5])}", style="dim")
        _try(act)


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except WindshearError as error:
        tell(str(error), style="bold red", lead="error")


def _is_of_interest(_change: object, name: str) -> bool:
    """Leave out hidden files and those that editors and tools keep for themselves."""
    path = Path(name)
    return not path.name.startswith((".", "#")) and not path.name.endswith(("~", ".swp", ".part", ".pyc"))
