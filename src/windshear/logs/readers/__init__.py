"""Readers: files, folders and streams to batches of raw records. `read` is the door."""
