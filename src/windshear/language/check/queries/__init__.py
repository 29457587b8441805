"""The checker of queries: rules' own checks, with what a search reads and writes differently."""
