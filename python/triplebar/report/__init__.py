"""What people look at: a result as text, Markdown, JSON, CSV, one HTML page, or a folder of files."""
