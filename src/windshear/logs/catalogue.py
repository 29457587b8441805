"""The log types that we read, in the order in which a record is offered to them."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from windshear.logs.event_reader import EventReader
from windshear.logs.parser import LogParser
from windshear.logs.parsers import (
    adfs,
    auditd,
    aws_cloudtrail,
    aws_eks,
    azure_activity,
    azure_ad,
    azure_ad_audit,
    azure_ad_context,
    gcp_cloudaudit,
    jamf_protect_v2,
    microsoft_graph_activity_logs,
    office_365,
    okta,
    powershell,
    suricata_eve,
    udm,
    windows_sysmon,
    winevtlog,
    workspace_activity,
)

LogTypeParser = LogParser | EventReader

_MODULES: tuple[ModuleType, ...] = (
    udm,
    aws_cloudtrail,
    azure_ad,
    azure_ad_audit,
    microsoft_graph_activity_logs,
    azure_activity,
    office_365,
    gcp_cloudaudit,
    okta,
    workspace_activity,
    windows_sysmon,
    adfs,
    powershell,
    winevtlog,
    auditd,
    suricata_eve,
    aws_eks,
    jamf_protect_v2,
)


def declared(module: ModuleType) -> LogTypeParser:
    """Return a module's parser; refuse one that is named otherwise."""
    parser: LogTypeParser = module.PARSER
    expected = module.__name__.rpartition(".")[2].upper()
    if parser.log_type != expected:
        raise ValueError(f"`{module.__name__}` must declare log type `{expected}`, not `{parser.log_type}`")
    return parser


PARSERS: tuple[LogTypeParser, ...] = tuple(declared(module) for module in _MODULES)


# What they read are entities, which is asked for by name only.
ENTITY_PARSERS: tuple[LogParser, ...] = (azure_ad_context.PARSER,)


def log_types() -> tuple[str, ...]:
    """Return the names of the log types that we read."""
    return tuple(parser.log_type for parser in PARSERS)


def entity_types() -> tuple[str, ...]:
    """Return the names of the log types whose records are entities."""
    return tuple(parser.log_type for parser in ENTITY_PARSERS)


def descriptions() -> dict[str, str]:
    """Return what each log type is, in one sentence; those whose records are entities come last.

    >>> descriptions()["OKTA"]
    'The Okta System Log, from its interface, hooks, Amazon EventBridge or Log Analytics.'
    """
    modules = {module.PARSER.log_type: module for module in (*_MODULES, azure_ad_context)}
    return {name: _sentence(modules[name]) for name in (*log_types(), *entity_types())}


def _sentence(module: ModuleType) -> str:
    first = (module.__doc__ or "").partition("\n\n")[0].partition(": ")[2]
    return first[:1].upper() + " ".join(first[1:].split())


def parser_of(log_type: str, mapping: str | None = None) -> LogTypeParser:
    """Return the parser of a log type, with its fields in the form of that name."""
    parser = next(parser for parser in (*PARSERS, *ENTITY_PARSERS) if parser.log_type == log_type)
    return replace(parser, fields=parser.mappings[mapping]) if mapping and isinstance(parser, LogParser) else parser


def mappings() -> dict[str, tuple[str, ...]]:
    """Return the names of the forms that fields may have, for the log types that have several."""
    return {p.log_type: tuple(p.mappings) for p in PARSERS if isinstance(p, LogParser) and p.mappings}
