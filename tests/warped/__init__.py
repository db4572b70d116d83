"""A whole deployment in one process, on a clock that jumps from one event to the next."""
