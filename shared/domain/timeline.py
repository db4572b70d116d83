"""
One account's home timeline: what of it is held, and what is known to be missing.

A timeline has two cursors. `newest` is the newest id *seen*; complete is only
what no gap covers. A page that does not reach down to what is held opens a gap
in the same commit that adds its tweets, and later pages close it, so a crash
between pages loses nothing.

    floor            gap              newest
      |  held held (  ?  ) held held    |  not asked yet
      0 ------------------------------------------------> ids

Everything in `(floor, newest]` is held or lies in a gap; nothing is claimed
about what is at or below `floor`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.domain.tweet import MAX_ID, Body, TweetId, first_id_at

#: More gaps than this are not told apart: the two above the bottom one become one that spans both.
MAX_GAPS = 32


#: X serves what is younger than this, and the newest 800 whatever their age.
#: Source: docs.x.com, changelog 2022 and timelines introduction, read 2026-08-22.
DEPTH_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Gap:
    """
    An open interval of ids that were never read: `older` and `newer` are its ends.

    One that is `unfillable` lies deeper than X lets anybody read.
    """

    older: TweetId
    newer: TweetId
    unfillable: bool = False


NO_TWEET = TweetId(0)

#: What a timeline begins with: nothing has been read, so everything may be missing.
UNREAD = Gap(NO_TWEET, TweetId(MAX_ID + 1))


@dataclass(frozen=True, slots=True)
class Held:
    """
    What of a timeline is held.

    Shape:  `gaps` are disjoint, newest first; `tweets` counts what is stored.
    Units:  `as_of_ms` is when X was last asked for the newest tweets and answered.
    """

    newest: TweetId = NO_TWEET
    floor: TweetId = NO_TWEET
    gaps: tuple[Gap, ...] = (UNREAD,)
    as_of_ms: int = 0
    tweets: int = 0


@dataclass(frozen=True, slots=True)
class Want:
    """
    A range of ids to ask X for: newer than `since`, older than `until`.

    `token` continues an answer that X cut into pages. Nothing above `known` has been read
    yet; below it, what is asked for is asked for once more.
    """

    since: TweetId
    until: TweetId | None = None
    token: str | None = None
    known: TweetId = NO_TWEET


@dataclass(frozen=True, slots=True)
class Page:
    """
    One answer of X: at most 100 tweets, newest first.

    Shape:  `bodies` hold these tweets and what is shown with them; `replaced` are
            older versions of edited tweets; `withheld` are those of `ids` that refer to
            something X did not show this viewer; `next_token` is None on the last page.
    """

    ids: tuple[TweetId, ...] = ()
    bodies: tuple[Body, ...] = ()
    replaced: tuple[TweetId, ...] = ()
    withheld: tuple[TweetId, ...] = ()
    next_token: str | None = None


def want_newest(held: Held, overlap_ms: int) -> Want:
    """
    Ask for what is new, and once more for what may have surfaced late.

    A tweet that surfaces late was written at most the overlap before X was last
    asked; a quiet timeline, whose newest tweet is older than that, repeats nothing.
    """
    if held.newest == 0:
        return Want(since=NO_TWEET)
    known = TweetId(max(0, first_id_at(held.as_of_ms - overlap_ms) - 1))
    since = min(held.newest, known)
    # An answer that began with an empty page has left a gap up to the very top: there nothing is known.
    unread = [gap.older for gap in held.gaps if gap.newer > since + 1 and not gap.unfillable]
    return Want(since=since, known=max(since, min([known, *unread])))


def join(held: Held, want: Want, page: Page) -> Held:
    """Tell what is held once this page, which answers `want`, has been added."""
    until = want.until if want.until is not None else TweetId(MAX_ID + 1)
    reached = _reached(want, page, until)
    given_up = tuple(gap for gap in held.gaps if gap.unfillable)
    gaps = _without((gap for gap in held.gaps if not gap.unfillable), reached, until)
    gaps = _sorted([*gaps, *given_up])
    if want.until is None and page.next_token is not None:
        gaps = _with(gaps, Gap(want.since, TweetId(reached + 1)))
    return replace(
        held,
        newest=max(held.newest, *page.ids) if page.ids else held.newest,
        gaps=_bounded(gaps),
        tweets=held.tweets + sum(_is_new(held, each) for each in page.ids),
    )


def want_next(
    held: Held, want: Want, page: Page, *, unhurried: TweetId = NO_TWEET, wished: TweetId | None = None
) -> Want | None:
    """
    Ask for the rest of a cut answer, else for a gap: the one `wished` for, or the newest.

    What lies at or below `unhurried` is asked for only when it is wished for; None when nothing is left.
    """
    if page.next_token is not None:
        until = page.ids[-1] if page.ids else want.until
        # Not below the floor: history has ended there, and X bills every tweet it returns.
        if until is None or max(held.floor + 1, unhurried) < until:
            return Want(want.since, until, page.next_token, want.known)
    if (come_to := gap_at(held, wished)) is not None:
        return want_gap(come_to)
    newest = newest_fillable(held)
    return want_gap(newest) if newest is not None and newest.newer > unhurried else None


def want_gap(gap: Gap) -> Want:
    """Ask for the newest of what a gap hides."""
    return Want(gap.older, gap.newer, known=gap.older)


def gap_at(held: Held, wished: TweetId | None) -> Gap | None:
    """Find the gap that somebody has come to, which may have been filled from above since; None if it is."""
    if wished is None:
        return None
    return next((gap for gap in held.gaps if not gap.unfillable and gap.older < wished <= gap.newer), None)


def newest_fillable(held: Held) -> Gap | None:
    """Find the newest gap that X may still fill."""
    return next((gap for gap in held.gaps if not gap.unfillable), None)


def lose(held: Held, want: Want, page: Page, *, now_ms: int) -> Held:
    """
    Keep as a gap that nobody can fill what X may no longer have given.

    An answer that has ended is whole down to X's depth; what was not known below that
    may be missing. History that was never read is no gap: it ends there, at the floor.
    """
    deepest = first_id_at(now_ms - DEPTH_MS)
    if page.next_token is not None or want.known >= deepest:
        return held
    reached = min([deepest, *page.ids[-1:], want.until or deepest])
    if want.since <= held.floor:
        return replace(held, floor=TweetId(max(held.floor, reached - 1))) if held.newest else held
    lost = Gap(want.known, TweetId(reached), unfillable=True)
    if lost.newer - lost.older <= 1:
        return held
    return replace(held, gaps=_bounded(_sorted([*_without(held.gaps, lost.older, lost.newer), lost])))


def end_history(held: Held, backfill_tweets: int) -> Held:
    """Stop reading backwards once enough is held: the floor moves up to the bottom gap."""
    if not held.gaps or not _is_bottom(held.gaps[-1]) or held.tweets < backfill_tweets:
        return held
    return replace(held, floor=TweetId(held.gaps[-1].newer - 1), gaps=held.gaps[:-1])


def clip(held: Held) -> Held:
    """Leave out of the gaps what lies at or below the floor."""
    above = (replace(gap, older=max(gap.older, held.floor)) for gap in held.gaps)
    return replace(held, gaps=tuple(gap for gap in above if gap.newer - gap.older > 1))


def _is_new(held: Held, tweet_id: TweetId) -> bool:
    """
    Tell whether a tweet is newer or older than all that was read.

    One in between may be read once more, for a cut answer leaves a gap over what it would have repeated.
    """
    return tweet_id > held.newest or any(tweet_id < gap.newer for gap in held.gaps if _is_bottom(gap))


def _is_bottom(gap: Gap) -> bool:
    """
    Tell whether a gap is what nobody has read since the beginning: nothing is held below it.

    A later gap may also reach down to the floor, but what it hides is no history.
    """
    return gap.older == NO_TWEET


def _reached(want: Want, page: Page, until: int) -> TweetId:
    """Name the id down to which, exclusively, this page has answered."""
    if page.next_token is None:
        return want.since
    return TweetId((page.ids[-1] if page.ids else until) - 1)


def _without(gaps: Iterable[Gap], reached: int, until: int) -> tuple[Gap, ...]:
    """Take the open interval `(reached, until)` out of the gaps."""
    left: list[Gap] = []
    for gap in gaps:
        parts = (
            replace(gap, older=TweetId(max(gap.older, until - 1))),
            replace(gap, newer=TweetId(min(gap.newer, reached + 1))),
        )
        left += [part for part in parts if part.newer - part.older > 1]
    return tuple(left)


def _with(gaps: tuple[Gap, ...], new: Gap) -> tuple[Gap, ...]:
    """
    Add a gap, made one with those inside it.

    One that reaches further down stays apart: should it be the bottom gap, it must not come to
    lie over what is held, or history would end there.
    """
    older = max([new.older, *(TweetId(gap.newer - 1) for gap in gaps if gap.older < new.older < gap.newer)])
    apart = [gap for gap in gaps if gap.newer <= older + 1 or gap.older >= new.newer]
    return _sorted([*apart, *([replace(new, older=older)] if new.newer - older > 1 else [])])


def _sorted(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(sorted(gaps, key=lambda gap: gap.newer, reverse=True))


def _bounded(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Keep at most `MAX_GAPS`: the oldest but for the bottom one become one that spans them all."""
    if len(gaps) <= MAX_GAPS:
        return gaps
    return (*gaps[: MAX_GAPS - 2], Gap(gaps[-2].older, gaps[MAX_GAPS - 2].newer), gaps[-1])
