"""What an officer reads: Data Docs and the report of a release. Self-contained pages that show counts, never values."""
