"""Report in, view out."""
