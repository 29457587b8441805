"""`windshear test`: the tests that stand beside rules."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import MOST_JOBS


class TestFormat(StrEnum):
    """How results are written."""

    TREE = "tree"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders, rules (.yaral) or tests files (NAME.test.yaml, tests.yaml). Without one, the tests below "
            "the current folder, or else those of the built-in rules.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    *,
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", "-k", metavar="TEXT", help="Only tests with this text in their name or their rule's; repeatable."
        ),
    ] = None,
    form: Annotated[
        TestFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="tree for people; json, junit, github for tools."),
    ] = TestFormat.TREE,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML to this file, beside what is shown.")
    ] = None,
    requires_tests: Annotated[
        bool, typer.Option("--require-tests", help="Count a rule without tests as a failure.")
    ] = False,
    mutates: Annotated[
        bool,
        typer.Option(
            "--mutate", help="Weaken each rule clause by clause instead, and show the changes that no test notices."
        ),
    ] = False,
    updates: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Write the outcomes and counts that were found into the tests files, and show the change for review.",
        ),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, max=MOST_JOBS, metavar="N", help="Processes that share the tests; worth it for many."
        ),
    ] = 1,
    watches: Annotated[bool, typer.Option("--watch", help="Run again whenever a file changes, until Ctrl-C.")] = False,
    is_verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the tests that passed, too.")] = False,
) -> None:
    """Run the tests beside rules, and show what is not as expected and why.

    The tests of NAME.yaral stand in NAME.test.yaml, those of a folder's rules in its tests.yaml. A test gives events or
    raw logs, and says what the rule must make of them.

    A test:
      - name: five failures, then a success
        events:
          - { metadata: { eventType: USER_LOGIN, ... }, ... }
        expect: { count: 1, match: { user: alice } }

    All tests of a run share one scan, in which they do not meet. Exits with 1 if a test fails, 2 if a rule cannot be
    loaded, 3 if a tests file or an input is wrong.

    Examples:
      windshear test rules/
      windshear test rules/brute_force.yaral -v
      windshear test rules/ -k mfa --junit report.xml
      windshear test rules/ --watch
      windshear test rules/ --mutate
    """
    from windshear.cli.testing import Asked, paths_of, run_mutants, run_tests
    from windshear.cli.watching import watch

    asked = Asked(
        paths=tuple(paths or ()),
        wanted=tuple(wanted or ()),
        form=form.value,
        junit=junit,
        requires_tests=requires_tests,
        is_verbose=is_verbose,
        updates=updates,
        jobs=jobs,
    )
    act = partial(run_mutants if mutates else run_tests, asked)
    if watches:
        watch(paths_of(asked.paths), act)
    raise typer.Exit(act())
