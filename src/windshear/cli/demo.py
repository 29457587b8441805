"""`windshear demo`: the main job on sample logs that come with Windshear."""

from __future__ import annotations

import typer


def demo() -> None:
    """Scan two folders of sample logs with the built-in rules: real records, and records written by the project.

    Detections come with their reasons. Inputs in which nothing was found are named, because staying quiet on benign
    records is half of the job. Needs no network and changes nothing.

    Example:
      windshear demo
    """
    from windshear.cli.showing import run_demo

    raise typer.Exit(run_demo())
