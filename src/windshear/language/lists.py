"""What the checker knows of reference lists: the type of each, where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ListType = Literal["STRING", "REGEX", "CIDR"]
ListTypes = Mapping[str, ListType]
TYPE_OF_KIND: Mapping[str, ListType] = {"string": "STRING", "regex": "REGEX", "cidr": "CIDR"}
