"""Where images come from, one file per origin."""
