"""
A stand-in for X, faithful as far as Roost needs X.

It shares no code with what it tests. Its world is made of a seed and the time:
the same seed shows the same tweets at the same moment, also after a restart.
"""
