"""Context of a run that is not events: reference lists (tables, entities and detections follow)."""
