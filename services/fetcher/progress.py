"""
How far one poll has come: what it holds by now, what it wants next, and what it has learned.

    start -> join a page -> join a page -> ...

Nothing here asks or writes; `poll.py` does.
"""

from dataclasses import dataclass, replace

from shared.domain.interest import Interest, after_poll
from shared.domain.mode import NEWEST, Mode, Reach, sleeps
from shared.domain.parking import CLEAN
from shared.domain.timeline import (
    Held,
    Page,
    Want,
    end_history,
    gap_at,
    join,
    lose,
    want_gap,
    want_newest,
    want_next,
)
from shared.domain.tweet import TweetId, written_at_ms
from shared.store.polls import Begun, Learned

#: Who comes to a gap is not kept waiting for what is new, if that was asked for so lately.
_FRESH_MS = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A poll under way.

    `want` is what to ask for next, None when nothing is left; `wished` is the gap that somebody has come
    to and that is still to be read from; `for_reader` says that the next page is what somebody waits for;
    `new` counts the tweets newer than all that was held before.
    """

    begun: Begun
    mode: Mode
    held: Held
    want: Want | None
    reach: Reach
    wished: TweetId | None = None
    for_reader: bool = False
    new: int = 0
    interest: Interest | None = None

    def is_filling(self) -> bool:
        """Tell whether polls go on filling gaps."""
        return self.reach.is_filling(self.held)

    def learned(self, now_ms: int, dormant_ms: int) -> Learned:
        """Tell what to keep of what polls and reads have told."""
        interest = self.interest or self.begun.learned.interest
        asleep = sleeps(self.mode, interest, now_ms, dormant_ms)
        return Learned(interest, self.begun.learned.reads, self.reach, asleep)

    def committed(self, now_ms: int, dormant_ms: int) -> "Progress":
        """Go on after a commit, which took in all reads that were noted: who slept may be awake by now."""
        is_asleep = self.learned(now_ms, dormant_ms).asleep
        learned = replace(self.begun.learned, reads="", asleep=is_asleep)
        return replace(self, begun=replace(self.begun, learned=learned))


def start(begun: Begun, mode: Mode, reach: Reach, *, overlap_ms: int, now_ms: int) -> Progress:
    """Begin with what is new, or with the gap that somebody has come to."""
    wished = None if begun.wanted == NEWEST else begun.wanted
    gap = gap_at(begun.held, wished)
    if gap is not None and now_ms - begun.held.as_of_ms <= _FRESH_MS:
        return Progress(begun, mode, begun.held, want_gap(gap), reach, for_reader=True)
    newest = want_newest(begun.held, overlap_ms)
    return Progress(begun, mode, begun.held, newest, reach, wished, for_reader=begun.wanted is not None)


def add(progress: Progress, want: Want, page: Page, asked_at_ms: int, backfill_tweets: int) -> Progress:
    """Add the page that answers `want`, and see what is wanted next."""
    held = end_history(join(progress.held, want, page), backfill_tweets)
    held = lose(held, want, page, now_ms=asked_at_ms)
    if want.until is None:
        held = replace(held, as_of_ms=asked_at_ms)
    new = progress.new + sum(each > progress.begun.held.newest for each in page.ids)
    reach = progress.reach.after(page, held)
    wished = progress.wished
    rest = want_next(held, want, page, unhurried=reach.unhurried, wished=wished)
    for_reader = rest is not None and rest.token is None and gap_at(held, wished) is not None
    if rest is not None and rest.token is None:
        wished = None  # one page of it: whoever reads on comes again
    begun = replace(progress.begun, failures=0, record=CLEAN)
    return replace(
        progress,
        begun=begun,
        held=held,
        want=rest,
        reach=reach,
        wished=wished,
        for_reader=for_reader,
        new=new,
        interest=_interest(progress, want, page, new, held.as_of_ms),
    )


def _interest(progress: Progress, want: Want, page: Page, new: int, as_of_ms: int) -> Interest | None:
    """Learn how fast tweets come: from all that came since the last poll, or since the oldest read."""
    if want.until is not None and want.token is None:
        return progress.interest  # what a gap hid is old
    known = progress.begun.learned.interest
    if page.next_token is not None and page.ids:
        since_ms = max(known.last_polled_at_ms, written_at_ms(page.ids[-1]))
        known = replace(known, last_polled_at_ms=min(since_ms, as_of_ms))
    return after_poll(known, new, as_of_ms)
