"""How detections are written: one writer per format of `scan`."""
