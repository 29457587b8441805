"""The log types that we read, in the order in which a record is offered to them."""

from __future__ import annotations

from types import ModuleType

from windshear.logs.parser import LogParser
from windshear.logs.parsers import aws_cloudtrail

_MODULES: tuple[ModuleType, ...] = (aws_cloudtrail,)


def _declared(module: ModuleType) -> LogParser:
    parser: LogParser = module.PARSER
    expected = module.__name__.rpartition(".")[2].upper()
    if parser.log_type != expected:
        raise ValueError(f"`{module.__name__}` must declare log type `{expected}`, not `{parser.log_type}`")
    return parser


PARSERS: tuple[LogParser, ...] = tuple(_declared(module) for module in _MODULES)


def log_types() -> tuple[str, ...]:
    """Return the names of the log types that we read."""
    return tuple(parser.log_type for parser in PARSERS)


def parser_of(log_type: str) -> LogParser:
    """Return the parser of a log type."""
    return next(parser for parser in PARSERS if parser.log_type == log_type)
