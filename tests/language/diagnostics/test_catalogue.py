"""The catalogue: every mistake is declared once, under a code and a slug of its own."""

import re

from windshear.language.diagnostics.catalogue import all_mistakes, lookup

PHASES = {"E1": "syntax", "E2": "names", "E3": "types", "E4": "sections", "E5": "planning"}


def test_codes_and_slugs_are_unique() -> None:
    """No two mistakes share a code or a slug."""
    mistakes = all_mistakes()
    assert len({mistake.code for mistake in mistakes}) == len(mistakes)
    assert len({mistake.slug for mistake in mistakes}) == len(mistakes)


def test_codes_say_severity_and_phase() -> None:
    """Errors begin with E and the number of a phase, warnings with W, notes with N."""
    for mistake in all_mistakes():
        assert re.fullmatch(r"[EWN]\d{3}", mistake.code), mistake.code
        assert mistake.code[0] == mistake.severity[0].upper()
        assert mistake.code[0] != "E" or mistake.code[:2] in PHASES


def test_slugs_and_references_are_well_formed() -> None:
    """A slug reads after `allow`; a reference is a row of the language reference; an explanation is a sentence."""
    for mistake in all_mistakes():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mistake.slug)
        assert re.fullmatch(r"|C([1-9]|1\d|2[0-8])", mistake.reference)
        assert mistake.explanation.endswith(".")


def test_lookup_by_code_and_slug() -> None:
    """A mistake is found by its code in any case and by its slug; nothing else is found."""
    mistake = lookup("E401")
    assert mistake is not None
    assert lookup("e401") is mistake
    assert lookup(mistake.slug) is mistake
    assert lookup("E999") is None
    assert lookup("") is None
