"""Text that is nearly a rule, for properties that must hold for any text."""

from pathlib import Path

from hypothesis import strategies as st

PIECES = (
    "rule r {\n", "}\n", "\n  meta:\n", "\n  events:\n", "\n  match:\n", "\n  outcome:\n", "\n  condition:\n",
    "\n  options:\n", "\n  export:\n", "\n  setup:\n", "\n  dedup:", "\n  event:\n", "stage s {", "meta", "key",
    "$e", "$p", ".principal.ip", ".", "[0]", '["k"]', "[", "]", "(", ")", "{", ",", ":", "=", "==", "!=", "<", ">=",
    "&&", "||", "!", "+", "-", "*", "/", "%", "%list", "%t.c", "#e", " and ", " or ", " not ", " in ", " is ", "null",
    " nocase", "any ", "all ", "of ", "if(", "re.regex(", "max(", "5m", "over ", "by ", "every ", "after ", "1",
    "0x", "1.5", "true", '"a"', '"', "`b`", "`", "/c/",
    "'d'", "// e\n", "/*", "*/", "\n", " ", "\t", "\\", "é", "\u00a0",
    "@",
)  # fmt: skip
RULES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parents[2].glob("cases/parse/*.yaral"))]


def token_soup() -> st.SearchStrategy[str]:
    """Return texts made of pieces of rules in any order."""
    return st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@st.composite
def mutated_rules(draw: st.DrawFn) -> str:
    """Return a rule from the cases with pieces put in, taken out or cut off."""
    text = draw(st.sampled_from(RULES))
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 0, 1, 3, 30, 10_000)))
        text = text[:place] + draw(st.sampled_from(("", *PIECES))) + text[place + length :]
    return text
