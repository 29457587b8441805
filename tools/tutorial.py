"""Run the tutorial as a reader would, and fail if any command prints something else than the page shows.

python -m tools.tutorial
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools.pages.running import ROOT, prepared, run_page


def main() -> int:
    """Run the script."""
    failures = 0
    for page in sorted((ROOT / "docs" / "tutorial").glob("*.md")):
        with tempfile.TemporaryDirectory(prefix="windshear-") as folder:
            for failure in run_page(page, Path(folder), prepared(Path(folder))):
                failures += 1
                print(f"docs/tutorial/{page.name}: not as the page shows:\n{failure}\n", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
