"""Scores, one per file: pure mathematics and their torchmetrics."""
