"""Windshear: normalise raw logs to UDM, run YARA-L 2.0 rules over the events, explain what was detected.

The packages below follow the flow of a record, and each imports only those before it: `core`, `udm`, `language`,
then `logs`, `detections` and `context`, then `engine`, `packs` and `cli`. ARCHITECTURE.md has the map.
"""
