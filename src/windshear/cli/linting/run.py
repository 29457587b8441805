"""One run of `lint`: rules, settings and baseline together, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from windshear.cli.configuration import find_configuration
from windshear.cli.console import Exit, count, tell
from windshear.cli.formats.github import summary, write_step_summary
from windshear.cli.formats.names import LintFormat
from windshear.cli.formats.reports import Report
from windshear.cli.linting.baselines import read_baseline, write_baseline
from windshear.cli.linting.fixes import fix_files
from windshear.cli.linting.settings import settings_for
from windshear.cli.linting.showing import counted, reports_of, show
from windshear.cli.runnable import with_notes
from windshear.core.collecting import without_collecting
from windshear.core.errors import SettingError
from windshear.language.check.scope import Mode
from windshear.language.front import Compiled
from windshear.language.lint.baseline import Compared, Known, baseline_of, without_known
from windshear.language.lint.lint import FixKind
from windshear.language.lint.run import LintedFile, lint_files
from windshear.language.lint.settings import LintSettings
from windshear.packs.tables import load_with_tables

_LEVELS = ("note", "warning", "error")


@dataclass(frozen=True, slots=True)
class Job:
    """A run of `lint`. all_files: before the baseline; known: what that knows; baseline: where it is, if anywhere."""

    all_files: tuple[LintedFile, ...]
    compared: Compared
    known: Known
    settings_of: Callable[[str], LintSettings]
    mode: Mode
    baseline: Path | None

    @property
    def reports(self) -> list[Report]:
        """What is to be told."""
        return reports_of(self.compared.files)

    @property
    def broken(self) -> Exit:
        """The exit code that rules which cannot run ask for."""
        return Exit.BROKEN_RULE if any(file.compiled.is_broken for file in self.all_files) else Exit.OK

    def fixed(self, kinds: Collection[FixKind], *, shows_diff: bool) -> Job:
        """Apply fixes, also of findings that the baseline knows, and return the run after them."""
        compiled = [file.compiled for file in self.compared.files]
        after = fix_files(compiled, self.settings_of, self.mode, kinds, shows_diff=shows_diff)
        files = lint_files(after, self.settings_of)
        return replace(self, all_files=files, compared=without_known(files, self.known))

    def update_baseline(self) -> None:
        """Write all findings to the baseline."""
        if self.baseline is None:
            raise SettingError("`--update-baseline` needs `--baseline FILE`, or `baseline` in the configuration")
        known = baseline_of(self.all_files)
        write_baseline(self.baseline, known)
        tell(f"{count(known.total(), 'finding')} written to {self.baseline}")

    def show(self, form: LintFormat, limit: int) -> None:
        """Write what was found; in a step of a GitHub workflow also to the step's summary."""
        reports = self.reports
        show(reports, form, len(self.all_files), limit)
        if form is LintFormat.GITHUB:
            write_step_summary(summary(reports, "lint", len(self.all_files)))

    def said(self) -> str:
        """Return what is told at the end."""
        parts = [counted(self.reports, len(self.all_files))]
        fixable = sum(
            bool(f.finding.fix) and f.lint.fix == "safe" for file in self.compared.files for f in file.findings
        )
        suppressed = sum(file.suppressed for file in self.all_files)
        if fixable:
            parts.append(f"`--fix` mends {fixable:,}")
        if suppressed:
            parts.append(f"{suppressed:,} suppressed by comments")
        if self.compared.known:
            parts.append(f"{self.compared.known:,} known to the baseline")
        if gone := self.compared.gone.total():
            parts.append(f"{gone:,} of the baseline are gone: `--update-baseline`")
        return "; ".join(parts)

    def failed(self, level: str) -> Exit:
        """Return the exit code that findings from a severity on ask for."""
        if level == "never":
            return Exit.OK
        failing = _LEVELS[_LEVELS.index(level) :]
        return Exit.FINDINGS if any(r.diagnostic.mistake.severity in failing for r in self.reports) else Exit.OK


def linted(
    paths: Sequence[Path],
    config: Path | None,
    baseline: Path | None,
    chosen: tuple[Sequence[str], Sequence[str]],
    *,
    is_strict: bool,
    may_lack_baseline: bool,
) -> Job:
    """Lint all rules below some paths. `chosen` is what the command line selects, and what it ignores."""
    configuration = find_configuration(config, paths)
    settings_of = settings_for(configuration, *chosen)
    if baseline is None and configuration.values.lint.baseline is not None:
        baseline = configuration.folder / configuration.values.lint.baseline
    if may_lack_baseline and baseline is not None and not baseline.exists():
        known = Known()
    else:
        known = Known() if baseline is None else read_baseline(baseline)
    mode = Mode.STRICT if is_strict else Mode.COMPAT
    with without_collecting():  # every rule is kept
        loaded, _ = load_with_tables(paths, mode)
        files: Sequence[Compiled] = with_notes(loaded).files
        found = lint_files(files, settings_of)
    return Job(found, without_known(found, known), known, settings_of, mode, baseline)
