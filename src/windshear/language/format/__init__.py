"""The formatter: one layout for the same rule, whatever its line breaks were."""
