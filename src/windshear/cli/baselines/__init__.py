"""The work of `windshear baseline`."""
