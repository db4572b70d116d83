"""What keeps `roost up` from running, told to the person who started it."""


class Fault(Exception):  # noqa: N818 (it is a fault, in our words, not an error in the program)
    """One line that says what is wrong and, where it can, what to do."""
