"""Whether a rule fits the tenant that it is for: quotas, schedules, and what is going away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from windshear.language import expressions as ex
from windshear.language.lint.lint import Finding, Lint
from windshear.language.lint.settings import Edition, Tenant
from windshear.language.lint.subject import Subject
from windshear.language.syntax import tree

_HOUR = 3600
# Rules in force: in all, and multi-event ones.
_QUOTAS: Mapping[Edition, tuple[int, int]] = {
    "standard": (1_000, 75),
    "enterprise": (2_000, 200),
    "enterprise-plus": (3_500, 400),
}
_UNDOCUMENTED = {
    "strings.starts_with": "write `re.regex($e.…, `^…`)`",
}
_TROUBLE = frozenset({"rule", "events"})
_MOST_BYTES = 1 << 20
_SAMPLES = 10  # events of a variable that a detection shows


def _reference_list(subject: Subject) -> Iterator[Finding]:
    for node in (*subject.events_nodes, *subject.outcome_nodes):
        if isinstance(node, tree.Membership) and isinstance(node.container, tree.ListReference):
            name = node.container.name
            yield Finding(
                f"`%{name}` is a reference list; data tables have replaced them",
                node.container.span,
                help=f"make it a data table with one column, and write `in %{name}.column`",
            )


def _undocumented(subject: Subject) -> Iterator[Finding]:
    for node in (*subject.events_nodes, *subject.outcome_nodes):
        if isinstance(node, tree.Call) and node.function in _UNDOCUMENTED:
            yield Finding(
                f"the reference does not have `{node.function}`, although rules use it",
                node.function_span,
                help=_UNDOCUMENTED[node.function],
            )


def _troublesome_name(subject: Subject) -> Iterator[Finding]:
    assignments = subject.written.outcome.assignments if subject.written.outcome else ()
    places = [(assignment.name, assignment.name_span) for assignment in assignments]
    keys = subject.written.match.keys if subject.written.match else ()
    places += [(key.name, key.span) for key in keys if isinstance(key, tree.Variable)]
    for name, span in places:
        if name in _TROUBLE:
            yield Finding(
                f"rules with a variable `${name}` have been reported to compile and then to fail",
                span,
                help="choose another name",
            )


def _quota(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    edition = subjects[0].settings.tenant.edition if subjects else None
    if edition is None:
        return
    most, most_multi = _QUOTAS[edition]
    multi = [subject for subject in subjects if subject.rule.is_multi_event]
    for found, limit, kind in ((subjects, most, "rule"), (multi, most_multi, "multi-event rule")):
        if len(found) > limit:
            first = found[limit]
            yield (
                first,
                Finding(
                    f"this is {kind} {limit + 1} of {len(found)}: the edition {edition} allows {limit:,} in force",
                    first.written.name_span,
                    help="archive rules, put several into one, or make single-event rules of them",
                ),
            )


def _schedule(subject: Subject) -> Iterator[Finding]:
    frequency, window = subject.settings.tenant.run_frequency, subject.rule.window
    written = subject.written.match.window if subject.written.match else None
    if frequency is None or not subject.rule.is_multi_event or window is None or written is None:
        return
    if frequency in ("live", "10m") and window.seconds >= _HOUR:
        yield Finding(
            "the service runs rules with a window of an hour or more once an hour, not every 10 minutes",
            written.span,
            help="shorten the window below 1h, or plan for hourly runs",
        )
    elif frequency in ("live", "10m") and not subject.rule.bounded.issuperset(subject.rule.shown_variables):
        yield Finding(
            "rules that ask for absence wait an hour more, for late events",
            written.span,
            help="plan for that delay",
        )


def _live_table(subject: Subject) -> Iterator[Finding]:
    if subject.settings.tenant.run_frequency != "live":
        return
    for variable in subject.rule.variables.values():
        if variable.source == "table":
            yield Finding(
                f"rules that join rows of a data table cannot run live: `{variable.name}`",
                variable.span,
                help="run the rule every 10 minutes or hourly, or look values up with `in %table.column`",
            )


def _size(subject: Subject) -> Iterator[Finding]:
    size = len(subject.rule.text.encode("utf-8", "surrogatepass"))
    if size > _MOST_BYTES * 3 // 4:
        yield Finding(
            f"the text of the rule has {size:,} bytes of the {_MOST_BYTES:,} that are allowed",
            subject.written.name_span,
            help="move lists of constants into a data table",
        )


def _many_samples(subject: Subject) -> Iterator[Finding]:
    """Find rules of several events that say nothing about what to look at."""
    if subject.rule.window is None or subject.rule.outcomes:
        return
    for node in ex.walk(subject.rule.condition):
        if not isinstance(node, ex.Comparison) or node.operator not in (">", ">=") or not _is_many(node):
            continue
        yield Finding(
            "a detection shows at most 10 events of each variable, and this rule has no outcome to sum them up",
            node.span,
            help="add what an analyst needs of all of them, such as `$ips = array_distinct($e.principal.ip)`",
        )
        return


def _is_many(node: ex.Comparison) -> bool:
    """Whether a condition asks for more events than a detection shows."""
    is_count = isinstance(node.left, ex.VariableCount) and node.left.counts == "events"
    return is_count and isinstance(node.right, ex.Literal) and int(node.right.value) > _SAMPLES - (node.operator == ">")


_LOGIN = """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    {}
"""

_COUNTED = _LOGIN.format("$e.target.user.userid = $user") + "  match:\n    $user over {}\n  condition:\n    #e > 5\n"

_VAULT = _LOGIN.format('$e.target.application = "vault"')
_CONDITION = "  condition:\n    $e\n"

LINTS = (
    Lint(
        "W551",
        "reference-list",
        "note",
        "tenant",
        "Reference list, which data tables replace",
        "Reference lists have been deprecated since June 2026 in favour of data tables. Rules with lists go on "
        "working for now; new ones should read a column of a table.",
        _LOGIN.format("$e.target.user.userid in %administrators") + _CONDITION,
        _LOGIN.format("$e.target.user.userid in %administrators.userid") + _CONDITION,
        _reference_list,
    ),
    Lint(
        "W552",
        "undocumented-function",
        "note",
        "tenant",
        "Function that the reference does not have",
        "The function works here and in published rules, but the reference does not list it, so nobody promises that "
        "it stays.",
        _LOGIN.format('strings.starts_with($e.network.http.user_agent, "curl/")') + _CONDITION,
        _LOGIN.format("re.regex($e.network.http.user_agent, `^curl/`)") + _CONDITION,
        _undocumented,
    ),
    Lint(
        "W553",
        "troublesome-name",
        "warning",
        "tenant",
        "Name that makes runs fail",
        "Match and outcome variables called `$rule` or `$events` have been reported to compile in the service and to "
        "fail when the rule runs. Another name costs nothing.",
        _VAULT + "  outcome:\n    $rule = $e.target.hostname\n  condition:\n    $e\n",
        _VAULT + "  outcome:\n    $host = $e.target.hostname\n  condition:\n    $e\n",
        _troublesome_name,
    ),
    Lint(
        "W554",
        "over-quota",
        "error",
        "tenant",
        "More rules than the tenant may have in force",
        "The edition of a tenant limits how many rules are in force, and how many of them are multi-event: 1,000 and "
        "75 for Standard, 2,000 and 200 for Enterprise, 3,500 and 400 for Enterprise Plus. Checked if the "
        "configuration names the edition (`[lint.tenant] edition`).",
        "",
        "",
        check_all=_quota,
    ),
    Lint(
        "W555",
        "slower-than-wanted",
        "note",
        "tenant",
        "Rule that cannot run as often as wanted",
        "The service runs multi-event rules every 10 minutes only if their window is shorter than an hour, else once "
        "an hour; rules that ask for absence wait an hour more. Checked if the configuration says how often rules "
        "should run (`[lint.tenant] run-frequency`).",
        _COUNTED.format("2h"),
        _COUNTED.format("30m"),
        _schedule,
        tenant=Tenant(run_frequency="10m"),
    ),
    Lint(
        "W556",
        "table-join-live",
        "error",
        "tenant",
        "Join with a data table in a live rule",
        "Rules that join the rows of data tables are not available for the live run frequency. Checked if the "
        "configuration says that rules run live (`[lint.tenant] run-frequency`).",
        _LOGIN.format("$e.target.user.userid = $user\n    $e.principal.hostname = %hosts.name")
        + "  match:\n    $user over 10m\n  condition:\n    $e\n",
        _LOGIN.format("$e.target.user.userid = $user\n    $e.principal.hostname in %hosts.name")
        + "  match:\n    $user over 10m\n  condition:\n    $e\n",
        _live_table,
        tenant=Tenant(run_frequency="live"),
    ),
    Lint(
        "W557",
        "near-size-limit",
        "note",
        "tenant",
        "Rule text near the limit",
        "The text of a rule may have 1 MB. From three quarters of that on it is time to move constants into a table.",
        _VAULT + "    // " + "x" * (_MOST_BYTES * 3 // 4) + "\n  condition:\n    $e\n",
        _VAULT + _CONDITION,
        _size,
    ),
    Lint(
        "W558",
        "only-ten-samples",
        "note",
        "tenant",
        "Many events, and no outcome that sums them up",
        "A detection carries at most 10 sample events of each variable. A rule that counts many should say in outcome "
        "variables what an analyst needs to know of all of them.",
        _LOGIN.format("$e.target.user.userid = $user") + "  match:\n    $user over 1h\n  condition:\n    #e > 50\n",
        _LOGIN.format("$e.target.user.userid = $user")
        + "  match:\n    $user over 1h\n"
        + "  outcome:\n    $ips = array_distinct($e.principal.ip)\n  condition:\n    #e > 50\n",
        _many_samples,
    ),
)
