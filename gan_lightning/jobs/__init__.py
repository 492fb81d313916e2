"""What each command does around its work: it reads and checks the settings, and only then imports torch."""
