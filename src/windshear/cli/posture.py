"""`windshear posture`: weak spots that logs show, as a report and not as alerts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from windshear.cli.options import ContextPath, GeoIpFiles, Inputs, LogType, Mappings, Now, Output, Until


class PostureFormat(StrEnum):
    """How findings are written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


def posture(
    inputs: Inputs,
    *,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    log_type: LogType = "auto",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Only events from then on.")] = None,
    until: Until = None,
    checks: Annotated[
        list[str] | None,
        typer.Option("--check", metavar="NAME", help="Only this check (P01, or its name); repeatable."),
    ] = None,
    form: Annotated[
        PostureFormat, typer.Option("--format", "-f", metavar="FORMAT", help="table for people, markdown, or json.")
    ] = PostureFormat.TABLE,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Subjects that are shown of each check; all are counted.")
    ] = 10,
    to: Output = None,
    now: Now = None,
    mapping: Mappings = None,
) -> None:
    """Show what makes an attack easier and can be seen in logs: sign-ins without MFA, old keys, wide rights.

    These are facts to put right, not alerts: each with who it is about, the mitigation of ATT&CK, the behaviours that
    it makes easier, and a search that shows the evidence. A month of logs says more than a day.

    Examples:
      windshear posture logs/ --context context/
      windshear posture logs/ --check P01 --format markdown -o posture.md
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, tell
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.formats import posture as forms
    from windshear.cli.inputs import input_of, time_of_run
    from windshear.cli.posturing import Job, run_posture

    present = time_of_run(now)
    surroundings, supplied = surroundings_of(context, geoip, present)
    job = Job(input_of(inputs, log_type, since, until, mapping), surroundings, supplied, present, tuple(checks or ()))
    found = run_posture(job)
    with output(to, job.given.sources) as stream:
        match form:
            case PostureFormat.TABLE:
                text = forms.table(found.checks, limit)
            case PostureFormat.MARKDOWN:
                text = forms.markdown(found.checks, limit)
            case PostureFormat.JSON:
                text = forms.as_json(found.checks)
        stream.write(text.encode("utf-8", "backslashreplace"))
    found.result.say_summary(tell)
    code = found.result.exit_code(exit_on_findings=False, is_strict=False)
    raise typer.Exit(max(code, Exit.OK))
