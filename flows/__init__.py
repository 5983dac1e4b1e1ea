"""Orchestration only: flows are lists of verbs; they branch on no data and hold none."""
