"""A small X for state machines: one home timeline, shown late, cut short, edited and deleted from."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shared.domain.timeline import DEPTH_MS, Page, Want
from shared.domain.tweet import MAX_ID, TweetId, first_id_at, written_at_ms

#: It serves what is younger than seven days, and so many of the newest whatever their age.
DEPTH_TWEETS = 5
SECOND_MS, HOUR_MS, DAY_MS = 1_000, 3_600_000, 86_400_000
BEGAN_MS = 20_000 * DAY_MS
#: It shows nothing later than this.
LATEST_MS = 8 * SECOND_MS
#: How many tweets a page may have.
SIZES = st.integers(0, 3)


@dataclass
class MadeUpX:
    """What it shows, and when each tweet begins to show."""

    now_ms: int = BEGAN_MS
    shows_at_ms: dict[TweetId, int] = field(default_factory=dict)
    older_versions: dict[TweetId, tuple[TweetId, ...]] = field(default_factory=dict)
    deleted: set[TweetId] = field(default_factory=set)

    def write(self, *, ago_ms: int = 0, late_ms: int = 0) -> TweetId:
        """Write a tweet, a little ago, which shows so late after it was written."""
        at_ms = self.now_ms - ago_ms
        # In one millisecond ids are apart by what stands in their low bits.
        tweet_id = TweetId(first_id_at(at_ms) + 7 * sum(written_at_ms(each) == at_ms for each in self._all()))
        self.shows_at_ms[tweet_id] = at_ms + late_ms
        return tweet_id

    def edit(self, tweet_id: TweetId) -> TweetId:
        """Show a new version in a tweet's place."""
        new = self.write()
        self.older_versions[new] = (*self.older_versions.get(tweet_id, ()), tweet_id)
        del self.shows_at_ms[tweet_id]
        return new

    def delete(self, tweet_id: TweetId) -> None:
        """Delete a tweet with its older versions."""
        self.deleted |= {tweet_id, *self.older_versions.get(tweet_id, ())}
        del self.shows_at_ms[tweet_id]

    def shown(self, at_ms: int | None = None) -> list[TweetId]:
        """List what shows, newest first; of what still is there, what showed already at that instant."""
        by_ms = self.now_ms if at_ms is None else at_ms
        return sorted((each for each, at in self.shows_at_ms.items() if at <= by_ms), reverse=True)

    def served(self) -> list[TweetId]:
        """List what it serves now: what shows and does not lie too deep."""
        deepest = first_id_at(self.now_ms - DEPTH_MS)
        return [each for place, each in enumerate(self.shown()) if each >= deepest or place < DEPTH_TWEETS]

    def shown_twice(self, kept: set[TweetId]) -> list[TweetId]:
        """List the older versions among `kept` whose newer version is there too."""
        return [
            old for new, older in self.older_versions.items() if new in kept for old in older if old in kept
        ]

    def answer(self, want: Want, *, size: int, falters: bool = False) -> Page:
        """Answer with at most so many; one that falters says that there is more when there is nothing."""
        end = want.until if want.token is None else int(want.token)
        below = MAX_ID + 1 if end is None else end
        asked = [each for each in self.served() if want.since < each < below]
        ids = tuple(asked[:size])
        older = tuple(old for each in ids for old in self.older_versions.get(each, ()))
        is_cut = len(asked) > size or falters
        return Page(ids=ids, replaced=older, next_token=str(ids[-1] if ids else below) if is_cut else None)

    def _all(self) -> set[TweetId]:
        return {
            *self.shows_at_ms,
            *self.deleted,
            *(old for all_ in self.older_versions.values() for old in all_),
        }


class Happenings(RuleBasedStateMachine):
    """What happens at X whatever we do."""

    def __init__(self):
        super().__init__()
        self.x = MadeUpX()

    @initialize(tweets=st.integers(0, 8), apart_ms=st.sampled_from([SECOND_MS, DAY_MS]))
    def there_is_history(self, tweets, apart_ms):
        for _ in range(tweets):
            self.x.write()
            self.x.now_ms += apart_ms

    @rule(tweets=st.integers(1, 5), ago_ms=st.integers(0, LATEST_MS), late_ms=st.integers(0, LATEST_MS))
    def people_write(self, tweets, ago_ms, late_ms):
        """Write what nobody has been shown yet, at once or one after another; the last may be late."""
        for _ in range(tweets - 1):
            self.x.write()
            self.x.now_ms += ago_ms
        self.x.write(ago_ms=min(ago_ms, late_ms), late_ms=late_ms)

    @rule(
        passed_ms=st.sampled_from([1, SECOND_MS, 5 * SECOND_MS, 61 * SECOND_MS, HOUR_MS, DAY_MS, 8 * DAY_MS])
    )
    def time_passes(self, passed_ms):
        self.x.now_ms += passed_ms

    @precondition(lambda self: self.x.shown())
    @rule(chance=st.randoms(use_true_random=False))
    def somebody_edits(self, chance):
        self.x.edit(chance.choice(self.x.shown()))
        self.x.now_ms += 1

    @precondition(lambda self: self.x.shown())
    @rule(chance=st.randoms(use_true_random=False))
    def somebody_deletes(self, chance):
        self.x.delete(chance.choice(self.x.shown()))
