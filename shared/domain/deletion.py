"""
Which tweets that we hold are deleted at X: when to look, whom to suspect, what to believe.

X tells nobody that a tweet was deleted. So once a day, before midnight UTC, an account's
day is read once more: X bills a post once a UTC day, so this costs requests, and money only
for what has surfaced since.

    reread     the range of today, page by page
    suspects   what we hold in a page's range and X no longer returns
    questions  ask X about each of them by its id
    judge      deleted: remove for everybody; not shown to this person: remove for this person

A page alone proves nothing: it also leaves out whom the person has unfollowed or muted.
Neither does one answer about ids, so each question names witnesses, tweets that X has shown
a moment ago; when it denies these too, it is X that is unwell, and nothing is removed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse, islice

from shared.domain.account import AccountId
from shared.domain.timeline import Held, Page, Want
from shared.domain.tweet import MAX_ID, TweetId, first_id_at

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
    """Tweets to ask X about: suspects, and witnesses, which it must know."""

    suspects: tuple[TweetId, ...]
    witnesses: tuple[TweetId, ...] = ()

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


def of_today(held_ids: Iterable[TweetId], *, now_ms: int) -> tuple[TweetId, ...]:
    """Name those written on this UTC day: X has billed them already."""
    first = _first_of_day(now_ms)
    return tuple(each for each in held_ids if each >= first)


def of_days_before(held_ids: Iterable[TweetId], days: int, *, now_ms: int) -> tuple[TweetId, ...]:
    """
    Name those written in so many UTC days before this one.

    X bills such a tweet again while it is there, so ask about them newest first, as far as the money
    goes: the newest are the likeliest to be deleted.
    """
    first, end = _first_of_day(now_ms - days * DAY_MS), _first_of_day(now_ms)
    return tuple(each for each in held_ids if first <= each < end)


def reread(held: Held, *, now_ms: int) -> Want | None:
    """
    Ask once more for what is held of this UTC day; None when nothing is, or a gap lies in it.

    In a gap X would bill what was never read: then all that is held of the day is to be suspected.
    What is wanted has an upper end, so a cut answer opens no gap, for all of it has been read before.
    """
    since = TweetId(max(held.floor, _first_of_day(now_ms) - 1))
    if held.newest <= since or any(gap.newer > since + 1 and gap.older < held.newest for gap in held.gaps):
        return None
    return Want(since, TweetId(held.newest + 1), known=held.newest)


def reread_rest(want: Want, page: Page) -> Want | None:
    """Ask for the rest of a cut answer; None when this page was the last."""
    if page.next_token is None:
        return None
    return replace(want, until=page.ids[-1] if page.ids else want.until, token=page.next_token)


def suspects(held_ids: Iterable[TweetId], want: Want, page: Page) -> tuple[TweetId, ...]:
    """
    Name the tweets to ask X about after a page of a re-read, newest first.

    What we hold in its range and it does not show, but for older versions of edits, which the commit
    removes; and what its tweets refer to and X did not send.
    """
    older, newer = _range(want, page)
    known = {*page.ids, *page.replaced}
    absent = {each for each in held_ids if older < each < newer and each not in known}
    return tuple(sorted(absent | _lost_references(page), reverse=True))


def questions(suspected: Iterable[TweetId], others: Iterable[TweetId]) -> list[Question]:
    """
    Put suspects into questions to X, each with witnesses out of `others`: first what X has just shown.

    When every tweet that is held is suspected there are none, and X is believed.
    """
    asked = list(dict.fromkeys(suspected))
    witnesses = tuple(islice(filterfalse(set(asked).__contains__, dict.fromkeys(others)), _WITNESSES))
    size = MAX_ASKED - len(witnesses)
    return [Question(tuple(asked[start : start + size]), witnesses) for start in range(0, len(asked), size)]


def among_themselves(suspected: Sequence[TweetId]) -> list[Question]:
    """
    Put suspects into questions in which the last of them bear witness, and are judged like the others.

    For those who can ask about nothing else; none where there are too few.
    """
    return questions(suspected[:-_WITNESSES], suspected[-_WITNESSES:])


def judge(answers: Iterable[tuple[Question, Told]]) -> Removal:
    """
    Tell what is to be removed; nothing of a question whose witnesses X denies altogether.

    What X is silent about stays, and is suspected again.
    """
    believed = [
        (each, told)
        for question, told in answers
        if not question.witnesses or not told.there.isdisjoint(question.witnesses)
        for each in question.ids()
    ]
    return Removal(
        gone=tuple(dict.fromkeys(each for each, told in believed if each in told.gone)),
        unseen=tuple(dict.fromkeys(each for each, told in believed if each in told.unseen)),
    )


def without(page: Page, gone: frozenset[TweetId]) -> Page:
    """Leave out of a page that is to be committed what is known to be deleted."""
    if not gone:
        return page
    return replace(
        page,
        ids=tuple(each for each in page.ids if each not in gone),
        withheld=tuple(each for each in page.withheld if each not in gone),
    )


def _first_of_day(now_ms: int) -> TweetId:
    return first_id_at(now_ms - now_ms % DAY_MS)


def _range(want: Want, page: Page) -> tuple[int, int]:
    """Name the open interval of ids that a page of a re-read has answered."""
    newer = want.until if want.until is not None else MAX_ID + 1
    if page.next_token is None:
        return want.since, newer
    return (page.ids[-1] if page.ids else newer) - 1, newer


def _lost_references(page: Page) -> set[TweetId]:
    """Name the tweets that a page's tweets refer to and that X did not send."""
    if not page.withheld:
        return set()
    bodies = {body.key: body for body in page.bodies}
    referred = [ref for each in page.withheld for ref in bodies[f"tweet:{each}"].refs]
    return {TweetId(int(ref[6:])) for ref in referred if ref.startswith("tweet:") and ref not in bodies}
