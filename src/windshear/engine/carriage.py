"""How values of each kind travel in columns: the one place that sift and settle know it from."""

from __future__ import annotations

from collections.abc import Mapping

from windshear.language.types import Kind
from windshear.udm.columns import ScalarKind

CARRIED_AS: Mapping[Kind, ScalarKind] = {
    Kind.STRING: "text",
    Kind.BYTES: "text",
    Kind.ENUM: "text",
    Kind.INT: "int",
    Kind.UINT: "uint",
    Kind.FLOAT: "float",
    Kind.BOOL: "bool",
}
