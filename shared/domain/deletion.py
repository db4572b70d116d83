"""
Which tweets that we hold are deleted at X: when to look, whom to suspect, what to believe.

X tells nobody that a tweet was deleted. So once a day, before midnight UTC, an account's
day is read once more: X bills a post once a UTC day, so this costs requests but no money.

    reread    the range of today, page by page
    suspects  what we hold in a page's range and X no longer returns
    Told      what X says of each of them, asked by its id
    judge     deleted: remove for everybody; not shown to this person: remove for this person

A page alone proves nothing: it also leaves out whom the person has unfollowed or muted.
Neither does one answer about ids, so each question names witnesses, tweets that X has shown
a moment ago; when it denies these too, it is X that is unwell, and nothing is removed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.domain.account import AccountId
from shared.domain.timeline import Held, Page, Want
from shared.domain.tweet import Body, TweetId, first_id_at

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS

#: Accounts are checked from here on, late in X's day, so that one look covers most of it.
_OPENS_MS = 21 * 60 * MINUTE_MS
#: The last of them begins so much later, at 23:50, and has time to end before posts cost again.
_SPREAD_MS = 170 * MINUTE_MS
#: A check that failed is tried again up to here; one begun later might be answered tomorrow.
_CLOSES_MS = DAY_MS - 3 * MINUTE_MS

#: X takes up to so many ids in one question.
MAX_ASKED = 100
#: One may have been deleted a moment ago; three at once are not.
_WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Told:
    """
    What X says of the tweets it was asked about by id; of those in none of these it said nothing.

    `gone` are deleted; `unseen` are there, perhaps, but not shown to the person who asks.
    """

    there: frozenset[TweetId] = frozenset()
    gone: frozenset[TweetId] = frozenset()
    unseen: frozenset[TweetId] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """Tweets to ask X about: those suspected, and witnesses that it must know."""

    suspects: tuple[TweetId, ...]
    witnesses: tuple[TweetId, ...]

    def ids(self) -> tuple[TweetId, ...]:
        """List all that is asked for, at most `MAX_ASKED`."""
        return self.suspects + self.witnesses


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to be removed: `gone` for everybody, `unseen` from this person's timeline only."""

    gone: tuple[TweetId, ...] = ()
    unseen: tuple[TweetId, ...] = ()


def check_at_ms(account_id: AccountId, checked_at_ms: int, *, now_ms: int) -> int:
    """
    Name the instant from which on the account is to be checked next; past while a check is due.

    Accounts differ by a hash of their ids, so that they do not come all at once.
    """
    midnight_ms = now_ms - now_ms % DAY_MS
    # Knuth's multiplicative hash: neighbouring ids end up far apart.
    spread = account_id * 2_654_435_761 % 2**32 / 2**32
    today_ms = midnight_ms + _OPENS_MS + int(spread * _SPREAD_MS)
    is_over = checked_at_ms >= today_ms or now_ms >= midnight_ms + _CLOSES_MS
    return today_ms + DAY_MS if is_over else today_ms


def reread(held: Held, *, now_ms: int) -> Want | None:
    """
    Ask once more for what is held of this UTC day; None when nothing is.

    It has an upper end, so a cut answer opens no gap: everything in it has been read before.
    """
    since = TweetId(max(held.floor, first_id_at(now_ms - now_ms % DAY_MS) - 1))
    if held.newest <= since:
        return None
    return Want(since, TweetId(held.newest + 1), known=held.newest)


def reread_rest(want: Want, page: Page) -> Want | None:
    """Ask for the rest of a cut answer; None when this page was the last."""
    if page.next_token is None:
        return None
    return replace(want, until=page.ids[-1] if page.ids else want.until, token=page.next_token)


def range_of(want: Want, page: Page) -> tuple[TweetId, TweetId]:
    """Name the open interval of ids that a page of a re-read has answered."""
    newer = want.until if want.until is not None else page.ids[0]
    if page.next_token is None:
        return want.since, newer
    return (TweetId(page.ids[-1] - 1) if page.ids else TweetId(newer - 1)), newer


def suspects(held_ids: Iterable[TweetId], want: Want, page: Page) -> tuple[TweetId, ...]:
    """
    Name the tweets to ask X about after a page of a re-read, newest first.

    What we hold in its range and it does not return, but for older versions of edits; and what its
    tweets refer to and X did not send.
    """
    older, newer = range_of(want, page)
    known = {*page.ids, *page.replaced}
    absent = {each for each in held_ids if older < each < newer and each not in known}
    return tuple(sorted(absent | _lost_references(page), reverse=True))


def older(held_ids: Iterable[TweetId], *, days: int, now_ms: int) -> tuple[TweetId, ...]:
    """
    Name the tweets of so many UTC days before this one, newest first: to be asked about by id.

    X bills those that it still shows, so ask as far as the money goes: the newest are the likeliest to go.
    """
    midnight_ms = now_ms - now_ms % DAY_MS
    first, end = first_id_at(midnight_ms - days * DAY_MS), first_id_at(midnight_ms)
    return tuple(sorted((each for each in held_ids if first <= each < end), reverse=True))


def questions(suspected: Sequence[TweetId], shown: Sequence[TweetId]) -> tuple[Question, ...]:
    """Put suspects into questions to X, each with witnesses out of what X has just shown."""
    witnesses = tuple(shown[:_WITNESSES])
    size = MAX_ASKED - len(witnesses)
    return tuple(
        Question(tuple(suspected[start : start + size]), witnesses)
        for start in range(0, len(suspected), size)
    )


def judge(question: Question, told: Told) -> Removal:
    """
    Tell what is to be removed; nothing when X denies every witness.

    What X is silent about stays, and is suspected again.
    """
    if question.witnesses and told.there.isdisjoint(question.witnesses):
        return Removal()
    return Removal(
        gone=tuple(each for each in question.suspects if each in told.gone),
        unseen=tuple(each for each in question.suspects if each in told.unseen),
    )


def _lost_references(page: Page) -> set[TweetId]:
    """Name the tweets that a page's tweets refer to and that X did not send."""
    if not page.withheld:
        return set()
    bodies: dict[str, Body] = {body.key: body for body in page.bodies}
    referred = [ref for each in page.withheld for ref in bodies[f"tweet:{each}"].refs]
    return {TweetId(int(ref[6:])) for ref in referred if ref.startswith("tweet:") and ref not in bodies}
