"""Measuring: each figure beside what the database alone can do (docs/benchmarks.md)."""
