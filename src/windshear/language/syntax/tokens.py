"""Tokens: the smallest pieces of rule text, and the words that are reserved.

A token's `kind` is the thing itself for keywords (in lower case), operators and punctuation (`and`, `<=`, `(`), and a
class in upper case for everything else (`NAME`, `STRING`). So a parser asks `token.kind == "and"` and nothing more.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from windshear.language.source import Span


class Token(NamedTuple):
    """One piece of the text: `text` is exactly what stands at `start`. A named tuple, since rules have thousands.

    starts_line: a line break stands between this token and the one before it (comments and blanks aside).
    """

    kind: str
    text: str
    start: int
    starts_line: bool

    @property
    def end(self) -> int:
        """The offset behind the last character."""
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        """The place of the token."""
        return Span(self.start, self.start + len(self.text))


# Classes of tokens. Trivia carries no meaning; unknown text has been reported by the lexer and is skipped as well.
# A broken token stands where a value should, and has been reported too: a string without end, a number with letters.
WHITESPACE: Final = "WHITESPACE"
LINE_COMMENT: Final = "LINE_COMMENT"
BLOCK_COMMENT: Final = "BLOCK_COMMENT"
UNKNOWN: Final = "UNKNOWN"
BROKEN: Final = "BROKEN"
NAME: Final = "NAME"
VARIABLE: Final = "VARIABLE"
COUNT: Final = "COUNT"
LIST: Final = "LIST"
STRING: Final = "STRING"
RAW_STRING: Final = "RAW_STRING"
REGEX: Final = "REGEX"
INTEGER: Final = "INTEGER"
FLOAT: Final = "FLOAT"
DURATION: Final = "DURATION"
END: Final = "END"

TRIVIA: Final = frozenset({WHITESPACE, LINE_COMMENT, BLOCK_COMMENT, UNKNOWN})
STRINGS: Final = frozenset({STRING, RAW_STRING})
NUMBERS: Final = frozenset({INTEGER, FLOAT})

# In the order in which a rule must write them.
SECTIONS: Final = ("meta", "setup", "events", "match", "outcome", "condition", "options", "export")
SEARCH_SECTIONS: Final = frozenset({"dedup", "order", "limit", "select", "unselect", "stage"})

# Words that the lexer turns into tokens of their own.
KEYWORDS: Final = frozenset(SECTIONS) | {
    "rule", "over", "by", "before", "after", "every", "any", "all", "in", "regex", "cidr", "and", "or", "not",
    "nocase", "if", "is", "null", "true", "false", "of",
}  # fmt: skip

# Words that only searches know: plain names to the lexer, yet no variable may be called after them.
SEARCH_KEYWORDS: Final = SEARCH_SECTIONS | {"asc", "desc", "first", "left", "right", "join"}
RESERVED_WORDS: Final = KEYWORDS | SEARCH_KEYWORDS

# Operators of other languages, and what they are called here.
FOREIGN_OPERATORS: Final = {
    "==": "=", ":=": "=", "=>": ">=", "=<": "<=", "<>": "!=", "=~": "=", "!~": "!=", "&&": "and", "||": "or",
}  # fmt: skip

DURATION_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
