"""UDM: the schema as data, paths through it, proto-JSON, and the flat columns in which events travel."""
