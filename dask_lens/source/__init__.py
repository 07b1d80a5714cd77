"""What was written: cells parsed once, with line and column kept."""
