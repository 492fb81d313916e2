"""Other processes and signals: what asks a run to end, the line to those that train, and who watches them."""
