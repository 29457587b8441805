"""Make the data file of `strings.extract_domain` from the Public Suffix List.

    python tools/public_suffixes.py public_suffix_list.dat > src/windshear/language/functions/public_suffixes.txt

The list is published at https://publicsuffix.org/list/ under the Mozilla Public License 2.0, and so is the result. Only
the section of ICANN domains is taken, and of that only what says more than "the last label is a suffix".
"""

from __future__ import annotations

import sys
from pathlib import Path

_BEGIN, _END = "// ===BEGIN ICANN DOMAINS===", "// ===END ICANN DOMAINS==="
_HEADER = """\
// Suffixes of more than one label below which domains are registered, from the Public Suffix List, {version}.
// This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not
// distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.
"""


def main() -> None:
    """Run the script."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    version = next(line.removeprefix("// VERSION: ") for line in lines if line.startswith("// VERSION: "))
    section = lines[lines.index(_BEGIN) : lines.index(_END)]
    rules = [line.split()[0] for line in section if line.strip() and not line.startswith("//")]
    sys.stdout.write(_HEADER.format(version=version))
    sys.stdout.writelines(f"{rule}\n" for rule in rules if "." in rule)


if __name__ == "__main__":
    main()
