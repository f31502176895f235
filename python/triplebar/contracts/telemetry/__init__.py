"""What a program says while it works: JSON lines without secrets."""
