"""The only place that knows Redis. `keys` says what is kept where; each other file keeps one thing."""
