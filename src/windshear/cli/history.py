"""`windshear history`: earlier logs in, counts for metrics out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import Inputs, LogType, Packs, Quarantine, Rules, StrictInput


def history(
    inputs: Inputs,
    *,
    to: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write; a context folder holds it as metrics.parquet."
        ),
    ],
    rules: Rules = None,
    pack: Packs = None,
    log_type: LogType = "auto",
    quarantine: Quarantine = None,
    strict_input: StrictInput = False,
) -> None:
    """Count earlier logs once, for rules that compare with history (`metrics.*`).

    What is counted is what the given rules ask for; without --rules and --pack, the built-in ones. A scan whose context
    folder holds the file as metrics.parquet need not read those logs. (`scan --history` counts logs in the same way,
    for that scan only.)

    Examples:
      windshear history logs/february/ --rules my_rules/ -o context/metrics.parquet
      windshear scan logs/today/ --rules my_rules/ --context context/
    """
    import shutil
    import tempfile

    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, tell, worst
    from windshear.cli.counting import count_history
    from windshear.cli.inputs import input_of, quarantine_file
    from windshear.cli.rule_sets import rule_files, tell_broken
    from windshear.context.metrics import measures_of
    from windshear.core.errors import SettingError
    from windshear.packs.rules import load_rules

    given = input_of(inputs, log_type)
    loaded = load_rules(rule_files(rules or (), pack or ()))
    tell_broken(loaded, is_any_left=bool(loaded.rules))
    measures = measures_of(loaded.rules)
    if not measures:
        raise SettingError("none of the rules reads a metric, so there is nothing to count")
    with tempfile.TemporaryDirectory(prefix="windshear-") as name, output(to) as stream:
        with quarantine_file(quarantine, beside=to) as keep:
            counted = count_history(given, measures, Path(name), keep)
        with counted.rollups.path.open("rb") as file:
            shutil.copyfileobj(file, stream)
    counted.say(tell, is_quarantine_kept=quarantine is not None)
    mistakes = counted.mistakes(is_strict=strict_input)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    is_bad = bool(counted.missing or mistakes)
    raise typer.Exit(worst(Exit.BAD_INPUT if is_bad else Exit.OK, Exit.BROKEN_RULE if loaded.broken else Exit.OK))
