"""The exceptions of Windshear: what the world did wrong.

    WindshearError
    ├── InputError      an input named by the user is missing or wholly unreadable
    ├── SettingError    a setting has a value that cannot be used
    └── FormatError     a rule that the formatter would change (a defect of ours, `language/format`)

Mistakes in rules are diagnostics and broken records are quarantined: both are values, never raised.
"""

from __future__ import annotations

from collections.abc import Sequence


class WindshearError(Exception):
    """Base of all errors that end a command with a message instead of a traceback.

    details: what stands below the message, each on a line of its own.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n  ".join([self.message, *self.details])


class InputError(WindshearError):
    """An input named by the user is missing or cannot be read at all."""


class SettingError(WindshearError):
    """A setting has a value that cannot be used."""
