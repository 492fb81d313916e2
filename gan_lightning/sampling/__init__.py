"""From the files that a run leaves to a model that makes pictures."""
