"""
What `roost up` says: one moving line while it starts, plain lines where nobody looks.

Values are printed as they are: no colour is guessed into a URL and no line is
broken, so that what one copies from the screen works.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Screen:
    """The terminal, or the file that stands in for it."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[list[str]]:
        """
        Show what is being done, and when it is done leave a line that says so.

        Shape: a list; what is put into it is added to the line.
        """
        outcome: list[str] = []
        if self._console.is_terminal:
            with self._console.status(doing):
                yield outcome
        else:
            yield outcome
        self.say(f"  {doing}: {', '.join(outcome) or 'done'}")

    def say(self, text: str = "") -> None:
        """Print it as it is."""
        self._console.print(text, markup=False)
