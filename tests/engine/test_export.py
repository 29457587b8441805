"""Export: rows of detections, and the tables after them."""

from __future__ import annotations

from collections.abc import Sequence

from windshear.context.tables import DataTable, table_of
from windshear.detections.detection import Detection, NamedValue, RuleFacts, Value
from windshear.engine.export import MOST_ROWS, Exports
from windshear.engine.plan import build_plans
from windshear.language.check.checker import check
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

RULE = """rule {name} {{
  meta:
    author = "x"
  events:
    $e.target.user.userid = $user
  match:
    $user over 10m
  outcome:
    $n = count_distinct($e.metadata.product_log_id)
    $hosts = array_distinct($e.principal.hostname)
  condition:
    $e
  export:
    %seen.write_row({written})
}}
"""
FACTS = {name: RuleFacts(name, "", (), is_multi_event=False) for name in ("first", "second", "silent")}


def seen(columns: dict[str, str], *rows: Sequence[object]) -> DataTable:
    """Return the table that rules write to."""
    return table_of("seen", columns.items(), rows)


def exports(table: DataTable, **written: str) -> Exports:
    """Return what collects the rows of some rules, each with what it writes."""
    plans = build_plans([_rule(table, name, columns) for name, columns in written.items()])
    return Exports.of(plans, {"seen": table})


def _rule(table: DataTable, name: str, written: str) -> CheckedRule:
    source = Source(name, RULE.format(name=name, written=written))
    checked = check(parse(source).rules[0], source, tables={"seen": table.columns})
    assert checked.rule is not None, checked.diagnostics
    return checked.rule


def detection(user: str, n: int = 1, hosts: Value = "", *, rule: str = "first", time: int = 0) -> Detection:
    """Return a detection of a rule."""
    outcomes = (NamedValue("n", n, "int"), NamedValue("hosts", hosts, "string"))
    match = (NamedValue("user", user, "string"),)
    return Detection(user, FACTS[rule], "", time, time, time, match, outcomes, 15.0, {})


def rows(found: Exports) -> list[tuple[str, ...]]:
    """Return the rows of the one table that is written."""
    (changed,) = found.changed()
    return [tuple(row) for row in changed.rows()]


def test_rules_write_to_one_table_in_the_order_of_time() -> None:
    """What is written later in time wins, whichever rule settles first; columns of both stay."""
    table = seen({"user": "string:key", "n": "number", "note": "string"})
    found = exports(table, first="user: $user, n: $n", second='user: $user, n: 0, note: "second"')
    for one in (detection("ann", 7, time=2), detection("ann", 5, rule="second", time=1), detection("bob", time=3)):
        found.take(one)
    assert rows(found) == [("ann", "7", "second"), ("bob", "1", "")]


def test_the_order_of_detections_does_not_matter() -> None:
    """Rows of the same moment take effect in the order of what they say."""
    table = seen({"user": "string:key", "n": "number"}, ["zoe", 3], ["bob", 9])
    several = [detection("ann", 1), detection("ann", 2), detection("bob", 4), detection("ann", 3)]
    written = []
    for order in (several, several[::-1]):
        found = exports(table, first="user: $user, n: $n")
        for one in order:
            found.take(one)
        written.append(rows(found))
    assert written[0] == written[1] == [("zoe", "3"), ("bob", "4"), ("ann", "3")]


def test_rules_without_an_export_section_write_nothing() -> None:
    """Their detections are let by."""
    found = exports(seen({"user": "string"}), first="user: $user")
    found.take(detection("ann", rule="silent"))
    assert found.changed() == []
    assert found.rules.keys() == {"first"}


def test_at_most_ten_thousand_rows_per_rule() -> None:
    """What is beyond is counted, and another rule has ten thousand of its own."""
    found = exports(seen({"user": "string"}), first="user: $user", second="user: $user")
    for number in range(MOST_ROWS + 3):
        found.take(detection(f"u{number}"))
    found.take(detection("zoe", rule="second"))
    assert (found.rules["first"].written, found.rules["first"].cut) == (MOST_ROWS, 3)
    assert (found.rules["second"].written, found.rules["second"].cut) == (1, 0)
    assert len(rows(found)) == MOST_ROWS + 1


def test_rows_that_do_not_fit_are_counted_with_the_first_reason() -> None:
    """The others are written."""
    found = exports(seen({"user": "cidr", "hosts": "string[]"}), first="user: $user, hosts: $hosts")
    for one in (detection("ws1"), detection("::1", hosts=["a|b"]), detection("::1", hosts=["a", "b"])):
        found.take(one)
    rule = found.rules["first"]
    assert (rule.written, rule.refused) == (1, 2)
    assert rule.reason == "column `user`: `ws1` is neither a network nor an address"
    assert rows(found) == [("::1", "a|b")]


def test_rows_of_the_table_are_spelt_alike() -> None:
    """Numbers and lists come out in one spelling; equal rows without a key are written once."""
    table = seen({"user": "string", "n": "number", "tags": "string[]"}, ["ann", "1.50", "a| b"], ["bob", "2.0", ""])
    found = exports(table, first="user: $user, n: $n")
    for one in (detection("bob", 2), detection("eve", 2), detection("eve", 2)):
        found.take(one)
    assert rows(found) == [("ann", "1.5", "a|b"), ("bob", "2", ""), ("eve", "2", "")]


def test_several_old_rows_with_one_key_are_all_changed() -> None:
    """A table may hold a key twice, though it should not."""
    table = seen({"user": "string:key", "n": "number"}, ["ann", 1], ["ann", 2])
    found = exports(table, first="user: $user, n: $n")
    found.take(detection("ann", 5))
    assert rows(found) == [("ann", "5"), ("ann", "5")]


def test_mapped_columns_are_written_as_their_fields_are_read() -> None:
    """A number of an entity stays whole and exact."""
    table = seen({"user": "entity.user.userid:key", "size": "entity.file.size"}, ["zoe", "9007199254740993"])
    found = exports(table, first="user: $user, size: $n")
    found.take(detection("ann", 4))
    assert rows(found) == [("zoe", "9007199254740993"), ("ann", "4")]
