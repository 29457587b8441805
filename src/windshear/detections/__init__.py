"""Detections: which groups become one, their identity, and their JSON in Google's shape."""
