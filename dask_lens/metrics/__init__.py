"""Numbers read off a Run, one kind per module; pure functions."""
