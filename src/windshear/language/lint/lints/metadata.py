"""What a rule says about itself: its meta section, its name, its risk score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from windshear.language import expressions as ex
from windshear.language.diagnostics.diagnostic import Label
from windshear.language.diagnostics.suggest import closest
from windshear.language.lint import attack
from windshear.language.lint.lint import Finding, Lint
from windshear.language.lint.scores import BANDS, DEFAULT_SCORE, band_of, has_dependent_choices, possible_values
from windshear.language.lint.subject import Subject
from windshear.language.syntax import tree

_SEVERITIES = frozenset({*BANDS, "info", "none"})
_FILLERS = frozenset({"", "todo", "tbd", "fixme", "xxx", "changeme", "your name", "..."})
_FOLDER_FILES = frozenset({"rule", "index", "main"})


def _missing_key(subject: Subject) -> Iterator[Finding]:
    given = {key.lower() for key, _ in subject.rule.meta}
    for wanted in subject.settings.required_meta:
        names = [name.strip() for name in wanted.split("|")]
        if not given.intersection(name.lower() for name in names):
            written = " or ".join(f"`{name}`" for name in names)
            yield Finding(
                f"the meta section has no {written}",
                subject.written.name_span,
                help=f'add `{names[0]} = "…"`',
            )


def _filler(subject: Subject) -> Iterator[Finding]:
    for entry in _entries(subject):
        if entry.value.strip().lower() in _FILLERS:
            said = "is empty" if not entry.value.strip() else f"is `{entry.value.strip()}`"
            yield Finding(f"`{entry.key}` {said}", entry.span, help="fill it in, or remove the line")


def _unknown_severity(subject: Subject) -> Iterator[Finding]:
    for entry in _entries(subject):
        if entry.key == "severity" and entry.value.strip().lower() not in _SEVERITIES:
            yield Finding(
                f"`{entry.value}` is not a severity",
                entry.value_span,
                help="use Informational, Low, Medium, High or Critical",
            )


def _entries(subject: Subject) -> tuple[tree.MetaEntry, ...]:
    return subject.written.meta.entries if subject.written.meta else ()


def _attack_entries(subject: Subject) -> Iterator[tree.MetaEntry]:
    for entry in _entries(subject):
        key = entry.key.lower()
        if any(part in key for part in ("mitre", "attack", "technique", "tactic")) and "url" not in key:
            yield entry


def _malformed_id(subject: Subject) -> Iterator[Finding]:
    for entry in _attack_entries(subject):
        wrong = [word for word in attack.words(entry.value) if attack.is_malformed(word)]
        if wrong:
            yield Finding(
                f"`{wrong[0]}` is not written as an ATT&CK identifier",
                entry.value_span,
                help="techniques are written `T1078` or `T1078.004`, tactics `TA0001`, in upper case",
            )


def _unknown_tactic(subject: Subject) -> Iterator[Finding]:
    for entry in _attack_entries(subject):
        if "tactic" not in entry.key.lower():
            continue
        for word in attack.words(entry.value):
            name = word.lower().replace("_", " ").replace("-", " ")
            if any(character.isdigit() for character in name) or name in attack.TACTICS:
                continue
            near = closest(name, attack.TACTICS)
            yield Finding(
                f"`{word}` is no tactic of ATT&CK",
                entry.value_span,
                help=f"did you mean `{near.title()}`?" if near else "name a tactic, such as `Lateral Movement`",
            )
            break


def _no_technique(subject: Subject) -> Iterator[Finding]:
    results = (node for outcome in subject.rule.outcomes for node in ex.walk(outcome.value))
    said = [value for _, value in subject.rule.meta]
    said += [str(node.value) for node in results if isinstance(node, ex.Literal)]
    if not any(attack.names_technique(value) for value in said):
        yield Finding(
            "no technique of ATT&CK is named",
            subject.written.name_span,
            help='add `mitre_attack_technique = "T1078"`, or whatever it finds',
        )


def _score_outside(subject: Subject) -> Iterator[Finding]:
    for value, values in _scores(subject):
        wrong = [score for score in values if not 0 <= score <= 100]
        if wrong and not has_dependent_choices(value):
            yield Finding(
                f"the risk score can be {wrong[-1]:g}, outside 0 to 100",
                value.span,
                help="choose parts whose sum stays within 100",
            )


def _score_and_severity(subject: Subject) -> Iterator[Finding]:
    severity = subject.rule.meta_values.get("severity", "").strip().lower()
    severity = "informational" if severity == "info" else severity
    if severity not in BANDS:
        return
    least, most = BANDS[severity]
    for value, values in _scores(subject):
        if not any(least <= score <= most for score in values):
            bands = sorted({band_of(score) for score in values if band_of(score)})
            yield Finding(
                f"the risk score is never that of severity {severity.title()}, {least} to {most}",
                value.span,
                help=f"it says {' or '.join(bands)}: change the score or the severity" if bands else "",
            )


def _scores(subject: Subject) -> Iterator[tuple[ex.Expression, Sequence[float]]]:
    for outcome in subject.rule.outcomes:
        if outcome.name == "risk_score" and (values := possible_values(outcome.value)):
            yield outcome.value, values


def _no_score(subject: Subject) -> Iterator[Finding]:
    severity = subject.rule.meta_values.get("severity", "").strip().lower()
    if severity not in BANDS or any(outcome.name == "risk_score" for outcome in subject.rule.outcomes):
        return
    least, _ = BANDS[severity]
    if least > DEFAULT_SCORE:
        yield Finding(
            f"severity {severity.title()}, but no `$risk_score`: the service then takes {DEFAULT_SCORE} for an alert",
            subject.written.name_span,
            help=f"add `$risk_score = {least}` to the outcome section",
        )


def _score_is_text(subject: Subject) -> Iterator[Finding]:
    for outcome in subject.rule.outcomes:
        if outcome.name == "risk_score" and not outcome.value.type.is_number:
            yield Finding(
                f"`$risk_score` is {outcome.value.type}, not a number",
                outcome.value.span,
                help="write the number without quotes; of several values take the `max(…)`",
            )


def _file_name(subject: Subject) -> Iterator[Finding]:
    stem = subject.path.stem
    if stem.lower() in _FOLDER_FILES and subject.path.parent.name:
        stem = subject.path.parent.name
    if subject.path.suffix in (".yaral", ".yara-l", ".yl2") and stem != subject.rule.name:
        yield Finding(
            f"the rule is called `{subject.rule.name}`, its file `{subject.path.name}`",
            subject.written.name_span,
            help="give both one name, so that whoever sees a detection finds the file",
        )


def _same_name(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, Finding]]:
    first: dict[str, Subject] = {}
    for subject in subjects:
        other = first.setdefault(subject.rule.name, subject)
        if other is subject:
            continue
        labels = (Label(other.written.name_span, "the other one"),) if other.source is subject.source else ()
        line = other.source.position(other.written.name_span.start).line
        yield (
            subject,
            Finding(
                f"`{subject.rule.name}` is also the name of a rule in {other.source.name}:{line}",
                subject.written.name_span,
                help="of rules with one name only the first runs; give this one a name of its own",
                labels=labels,
            ),
        )


_BODY = """
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.application = "vault"
{}  condition:
    $e
"""


def _example(*, outcome: str = "", **changes: str) -> str:
    entries = {
        "author": "Detection team",
        "description": "Somebody signed in as root",
        "severity": "Low",
        "mitre_attack_tactic": "Initial Access",
        "mitre_attack_technique": "T1078",
        **changes,
    }
    lines = [f'    {key} = "{value}"' for key, value in entries.items() if value != "-"]
    return "\n  meta:\n" + "\n".join(lines) + _BODY.format(f"  outcome:\n    {outcome}\n" if outcome else "")


_GOOD = _example()

LINTS = (
    Lint(
        "W560",
        "missing-metadata",
        "warning",
        "metadata",
        "Meta section without what every rule should say",
        "Whoever is woken by a detection needs to know what the rule looks for, how bad it is, and whom to ask. The "
        "configuration names the keys that a rule must have (`required-meta`; `author`, `description` and `severity` "
        "if it does not).",
        _example(severity="-"),
        _GOOD,
        _missing_key,
    ),
    Lint(
        "W561",
        "empty-metadata",
        "note",
        "metadata",
        "Meta entry that says nothing",
        "The entry is empty or was never filled in. Meta entries go into every detection.",
        _example(reference="TODO"),
        _GOOD,
        _filler,
    ),
    Lint(
        "W562",
        "unknown-severity",
        "warning",
        "metadata",
        "Severity that tools do not know",
        "Severities are Informational, Low, Medium, High and Critical. Another word is kept as text: nothing can sort "
        "or filter by it.",
        _example(severity="Severe"),
        _GOOD,
        _unknown_severity,
    ),
    Lint(
        "W563",
        "malformed-attack-id",
        "warning",
        "metadata",
        "ATT&CK identifier with a slip",
        "Techniques are written `T` and four digits, sub-techniques with a dot and three more, tactics `TA` and four "
        "digits. Tools find identifiers by that form.",
        _example(mitre_attack_technique="T1078.4, T1078"),
        _GOOD,
        _malformed_id,
    ),
    Lint(
        "W564",
        "unknown-tactic",
        "warning",
        "metadata",
        "Tactic that ATT&CK does not have",
        "The word is the name of no ATT&CK tactic, so coverage maps leave the rule out.",
        _example(mitre_attack_tactic="Lateral Movment"),
        _GOOD,
        _unknown_tactic,
    ),
    Lint(
        "W565",
        "no-attack-technique",
        "note",
        "metadata",
        "No ATT&CK technique",
        "Neither a meta entry nor an outcome names a technique. Coverage maps leave the rule out.",
        _example(mitre_attack_technique="-"),
        _GOOD,
        _no_technique,
    ),
    Lint(
        "W566",
        "risk-score-out-of-range",
        "warning",
        "metadata",
        "Risk score below 0 or above 100",
        "Scores run from 0 to 100: 90 and more is critical, 80 high, 50 medium, 20 low, and anything above 0 an "
        "observation.",
        _example(outcome='$risk_score = if($e.principal.hostname = "vault" nocase, 350, 35)'),
        _example(outcome="$risk_score = 35"),
        _score_outside,
    ),
    Lint(
        "W567",
        "risk-score-and-severity",
        "note",
        "metadata",
        "Risk score that contradicts the severity",
        "The public style guide gives each severity a band of scores: critical 90 to 100, high 80 to 89, medium 50 to "
        "79, low 20 to 49, informational below. Here no possible score lies in the band of the severity, so that two "
        "tools will sort the detection differently.",
        _example(outcome="$risk_score = 95"),
        _example(outcome="$risk_score = 35"),
        _score_and_severity,
    ),
    Lint(
        "W568",
        "no-risk-score",
        "note",
        "metadata",
        "Severe rule without a risk score",
        "A rule without `$risk_score` gets 40 if it alerts, and 15 if not, whatever its severity says: the band of a "
        "low one.",
        _example(severity="High"),
        _example(severity="High", outcome="$risk_score = 85"),
        _no_score,
    ),
    Lint(
        "W569",
        "risk-score-not-a-number",
        "error",
        "metadata",
        "Risk score that is no number",
        "The service takes `$risk_score` as a number. A text or a list is not one, and the default is used instead.",
        _example(outcome='$risk_score = "35"'),
        _example(outcome="$risk_score = 35"),
        _score_is_text,
    ),
    Lint(
        "W570",
        "file-and-rule-name",
        "note",
        "metadata",
        "File that is not called like its rule",
        "Detections carry the name of the rule. If the file is called the same, whoever sees one finds the other.",
        "",
        "",
        _file_name,
    ),
    Lint(
        "W571",
        "rule-name-twice",
        "error",
        "metadata",
        "Two rules with one name",
        "Of rules with one name only the first is run, here and in whatever else goes by names.",
        "",
        "",
        check_all=_same_name,
    ),
)
