"""Pixels: decode, find burned-in text, black it out, look again, render. Nothing here knows how text is scrubbed."""
