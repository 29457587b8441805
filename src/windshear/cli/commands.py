"""The commands, by name: a line of help for each, and the functions behind them, loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

# In the order of the help page, each with the line that stands there. A command is the function of its name in the
# file of its name.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "See it work: sample logs and the built-in rules.",
        "scan": "Run rules over logs and show what they find.",
        "report": "Write what detections say, what to ask and what to do.",
        "search": "Ask logs a question, and show events or statistics.",
        "explain": "Show why a rule matched some logs, or why it did not.",
        "check": "Check rules and show every mistake in them.",
        "test": "Run the tests beside rules.",
        "lint": "Find what goes wrong in rules that can run.",
        "fmt": "Lay out rules in one way, comments kept.",
        "init": "Start a repository for rules, with tests and CI.",
        "diff": "Show what a change of rules changes in the detections.",
        "coverage": "Show what rules cover of ATT&CK, and what given logs can show.",
        "posture": "Show weak spots that logs tell of, as facts and not as alerts.",
        "evaluate": "Measure rules on labelled logs: found, missed, false alarms.",
        "tune": "Propose rows of data tables that silence false alarms.",
        "normalize": "Turn logs into UDM events.",
        "simulate": "Write logs of a made-up company with an attack in them, labelled.",
        "history": "Count earlier logs for rules that compare with history.",
        "conformance": "Run test cases of the language's semantics.",
    }
)
# Commands with a name in common, by that name: what they are about, and each as above, in the file of the common name.
GROUPS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "baseline": (
            "Learn from earlier logs what is usual, for rules that ask what is new.",
            {
                "build": "Make the baseline tables that rules compare with, from earlier logs.",
                "show": "Show what baseline tables know of everybody, or of one person or host.",
            },
        ),
    }
)


def function_of(name: str, group: str | None = None) -> Callable[..., None]:
    """Load the function behind a command.

    >>> function_of("build", "baseline").__module__
    'windshear.cli.baseline'
    """
    function: Callable[..., None] = getattr(import_module(f"windshear.cli.{group or name}"), name)
    return function
