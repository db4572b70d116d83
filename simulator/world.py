"""
The whole made-up world at a moment: authors, people, and what each of them sees.

`at(now_ms)` plays one person's timeline up to now. Tweets are written when they are
first shown to somebody; drawing when they show costs no words.
"""

import random
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, count
from typing import Any

from simulator.authors import Author
from simulator.ids import snowflake, written_at_ms
from simulator.outline import BUCKET_MS, Kind, Outline, author_number, outlines
from simulator.people import Person, added, seeded
from simulator.shelf import Shelf, Thing
from simulator.tweets import bare, write

AUTHORS = 400
FOLLOWED = 40
_BUSY_AUTHORS = 20
_BUSY_FOLLOWED = 5
#: X gives OAuth 2.0 access tokens two hours.
_ACCESS_TOKEN_MS = 2 * 3600 * 1000
#: History goes back further than X's seven days.
_HISTORY_BUCKETS = 8 * 24 * 3600 * 1000 // BUCKET_MS
#: A retweet, quote or reply is of something written up to so many buckets before.
_REFERS_BACK = 12
#: An edit is drawn with what it replaces, at most so many buckets before.
_EDITED_BUCKETS = 1


class World:
    """Everything that X would know; `short_share` of the pages it cuts are short before the end."""

    short_share = 0.1

    def __init__(
        self, seed: int, people: int, now_ms: int, *, access_token_ms: int = _ACCESS_TOKEN_MS
    ) -> None:
        self.seed = seed
        self._access_token_ms = access_token_ms
        self.shelf = Shelf()
        self._authors = [Author(seed, number) for number in range(AUTHORS)]
        self._busy: dict[float, list[Author]] = {}
        self._outlines: dict[int, Outline] = {}
        self._count = count(people)
        self._low_bits = count()
        self.people: dict[str, Person] = {}
        self._draw_bucket = lru_cache(maxsize=400_000)(self._drawn)
        self._draw_events = lru_cache(maxsize=4 * AUTHORS)(self._events)
        for number in range(people):
            self._admit(seeded(seed, number, self._follows(number, FOLLOWED, None), now_ms + access_token_ms))

    def add(self, body: dict[str, Any], now_ms: int) -> Person:
        """
        Add somebody.

        Shape: `body` may give `username`, `name`, `follow` (how many of the world's authors),
               `rate_per_minute` (even authors that together write so much) and `deletes`
               (False: nothing they see is ever deleted).
        """
        number = next(self._count)
        rate = body.get("rate_per_minute")
        follows = self._follows(number, body.get("follow", 0 if rate else FOLLOWED), rate)
        person = added(
            str(snowflake(now_ms, number)),
            body.get("username") or f"person{number}",
            body.get("name") or f"Person {number}",
            follows,
            now_ms + self._access_token_ms,
        )
        person.deletes = body.get("deletes", True)
        return self._admit(person)

    def named(self, username: str | None) -> Person | None:
        """Find somebody by name, or the first person for no name; None when there is nobody."""
        people = (each for each in self.people.values() if username in {None, each.username})
        return next(people, None)

    def at(self, person: Person, now_ms: int) -> Person:
        """Bring a person's timeline up to this moment."""
        bucket = now_ms // BUCKET_MS
        start = person.drawn_to if person.drawn_to is not None else bucket - _HISTORY_BUCKETS
        if start <= bucket:
            drawn = (
                self._draw_events(author, start, bucket + 1, person.deletes) for author in person.follows
            )
            person.timeline.plan(chain.from_iterable(drawn))
            person.drawn_to = bucket + 1
        person.timeline.play(now_ms, self.shelf.deleted)
        return person

    def tweet(self, tweet_id: int) -> Thing | None:
        """Find a tweet as X describes it; None for one that never was."""
        known = self.shelf.tweets.get(str(tweet_id))
        if known is not None:
            return known
        outline = self._outline(tweet_id)
        return write(self.shelf, outline, self._original(outline)) if outline else None

    def is_there(self, tweet_id: int, now_ms: int, *, deletes: bool = True) -> bool:
        """
        Tell whether X would show a tweet: it was written, and its author has not deleted it.

        Shape: without `deletes`, to one from whose timeline nothing is deleted, nothing is by its author.
        """
        if tweet_id in self.shelf.deleted:
            return False
        outline = self._outline(tweet_id)
        if outline is None:
            return str(tweet_id) in self.shelf.tweets
        gone = deletes and outline.deleted and (outline.goes_at_ms or 0) <= now_ms
        return outline.shows_at_ms <= now_ms and not gone

    def post(self, person: Person, tweets: Iterable[dict[str, Any]], now_ms: int) -> list[int]:
        """Show tweets in one person's timeline, as they are given; returns their ids."""
        ids = []
        for given in tweets:
            tweet_id = int(given.get("id") or snowflake(now_ms, next(self._low_bits)))
            author = self._authors[0]
            self.shelf.users.setdefault(author.id, author.user)
            tweet = bare(Outline(tweet_id, author, Kind.PLAIN, now_ms))
            text = str(given.get("text") or f"Tweet {tweet_id}")
            self.shelf.tweets[str(tweet_id)] = tweet | given | {"id": str(tweet_id), "text": text}
            self._replace(person, given)
            self.shelf.deleted.discard(tweet_id)
            person.timeline.show(tweet_id)
            ids.append(tweet_id)
        return ids

    def _replace(self, person: Person, given: dict[str, Any]) -> None:
        """Show an edit in the place of its older versions."""
        for older in given.get("edit_history_tweet_ids", ()):
            person.timeline.hide(int(older))

    def delete(self, tweet_id: int) -> None:
        """Delete a tweet everywhere, now."""
        self.shelf.deleted.add(tweet_id)
        for person in self.people.values():
            person.timeline.hide(tweet_id)

    def _outline(self, tweet_id: int) -> Outline | None:
        """Find the outline of a tweet, also of one that nobody has looked at since the start."""
        if tweet_id not in self._outlines and (number := author_number(tweet_id)) < AUTHORS:
            author, bucket = self._authors[number], written_at_ms(tweet_id) // BUCKET_MS
            for before in range(_EDITED_BUCKETS + 1):
                self._draw_bucket(author, bucket - before)
        return self._outlines.get(tweet_id)

    def _admit(self, person: Person) -> Person:
        self.people[person.id] = person
        return person

    def _follows(self, number: int, followed: int, rate_per_minute: float | None) -> tuple[Author, ...]:
        """Choose whom a person follows: the busiest author of each is followed by many."""
        chance = random.Random(f"follows:{self.seed}:{number}")  # noqa: S311 (repeatable, not secret)
        chosen = chance.sample(self._authors, min(followed, AUTHORS))
        if rate_per_minute:
            chosen += chance.sample(self._busy_authors(rate_per_minute), _BUSY_FOLLOWED)
        return tuple(chosen)

    def _busy_authors(self, rate_per_minute: float) -> list[Author]:
        if rate_per_minute not in self._busy:
            first = AUTHORS + _BUSY_AUTHORS * len(self._busy)
            each = rate_per_minute * 60 / _BUSY_FOLLOWED
            self._busy[rate_per_minute] = [
                Author(self.seed, number, each) for number in range(first, first + _BUSY_AUTHORS)
            ]
        return self._busy[rate_per_minute]

    def _drawn(self, author: Author, bucket: int) -> list[Outline]:
        drawn = outlines(author, bucket)
        self._outlines.update((each.id, each) for each in drawn)
        return drawn

    def _original(self, outline: Outline) -> Outline | None:
        """Choose what a tweet refers to: something plain that somebody wrote shortly before."""
        if outline.kind is Kind.PLAIN:
            return None
        chance = random.Random(f"original:{outline.id}")  # noqa: S311 (repeatable, not secret)
        bucket = outline.shows_at_ms // BUCKET_MS
        for _ in range(20):
            author = self._authors[chance.randrange(AUTHORS)]
            earlier = self._draw_bucket(author, bucket - chance.randint(1, _REFERS_BACK))
            plain = [
                each
                for each in earlier
                if each.kind is Kind.PLAIN and each.edit is None and not each.first_id
            ]
            if plain:
                return chance.choice(plain)
        return None

    def _events(self, author: Author, first: int, end: int, deletes: bool) -> list[tuple[int, int, bool]]:  # noqa: FBT001 (cached by position)
        """List when an author's tweets of these buckets show and go."""
        drawn = [each for bucket in range(first, end) for each in self._draw_bucket(author, bucket)]
        events = [(each.shows_at_ms, each.id, True) for each in drawn]
        events += [
            (each.goes_at_ms, each.id, False)
            for each in drawn
            if each.goes_at_ms is not None and (deletes or not each.deleted)
        ]
        return events
