"""`python -m windshear`: the same as the `windshear` command."""

from __future__ import annotations

from windshear.cli.main import main

if __name__ == "__main__":
    main()
