"""Emission: rows, Parquet shards, splits, the dataset card, and the release as a whole. Accepts Clean… types only."""
