"""Real servers for the tests: how they are found, started and stopped."""
