"""Three ways to spend: what is read of X in each, and when."""

from contextlib import asynccontextmanager

import pytest

from shared.domain.account import AccountId
from shared.domain.mode import NEWEST, Mode
from shared.domain.money import Budget
from shared.domain.price import Allowance
from shared.domain.timeline import Page
from shared.store import keys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.ledger import Reservation
from shared.store.polls import Polls, Retention, Step
from shared.store.prices import Prices
from shared.store.sessions import SCOPES, Kind, Sessions, Terms, read_token
from shared.store.timelines import Range, Timelines
from tests.integration.fetching import DAY_MS, MINUTE_MS, UNLIMITED, fetching
from tests.integration.serving import serving
from tests.unit.simulator.x import X

PAGE = 5


class Life:
    """Somebody at X, their account, and what they do."""

    def __init__(self, x, fetcher, redis):
        self.x, self.clock, self.fetcher, self.redis = x, x.clock, fetcher, redis
        self.timelines, self.sessions = Timelines(redis), Sessions(redis)

    async def begin(self):
        self.person = await self.x.person(deletes=False)
        self.account_id = await self.fetcher.register(self.person, lasts_ms=10**12)
        terms = Terms(Kind.KEY, frozenset(SCOPES), "key", 0)
        given = await self.sessions.begin(self.account_id, terms, now_ms=self.clock.at_ms)
        self.claim = read_token(given.token)

    async def write(self, count):
        """Show so many new tweets in the timeline, one a minute."""
        for _ in range(count):
            self.clock.at_ms += MINUTE_MS
            await self.x.post(self.person, count=1)

    async def read(self, wanted=NEWEST):
        """Read the timeline, and ask for what is not there."""
        part = await self.timelines.read(self.claim, Range(None, None, 100), now_ms=self.clock.at_ms)
        await self.fetcher.schedule.hasten(self.account_id, now_ms=self.clock.at_ms, wanted=str(wanted))
        return part

    async def polls(self, most=20):
        """Poll while the account is due; tell how many tweets each poll brought."""
        brought = []
        while len(brought) < most:
            leases = await self.fetcher.schedule.claim(
                now_ms=self.clock.at_ms, lease_ms=MINUTE_MS, per_shard=1
            )
            if not leases:
                break
            brought.append((await self.fetcher.poll(leases[0])).tweets)
        return brought

    async def kept(self):
        return await Accounts(self.redis).find(self.account_id)

    async def due_in_ms(self):
        shard = keys.account(self.account_id).partition(":")[0]
        due_at_ms = await self.redis.zscore(f"{shard}:due", self.account_id)
        return None if due_at_ms is None else due_at_ms - self.clock.at_ms


@asynccontextmanager
async def living(redis_url, **rules):
    x = X(1_800_000_000_000, simulator_access_token_seconds=10**9)
    redis = connect(redis_url)
    rules = {"page_size": PAGE, "pages": 10, "backfill_tweets": 800} | rules
    try:
        async with serving(x.app) as url, fetching(redis_url, url, clock=x.clock, **rules) as fetcher:
            life = Life(x, fetcher, redis)
            await life.begin()
            yield life
    finally:
        await x.client.aclose()
        await redis.aclose()


async def test_lazily_x_is_asked_only_when_somebody_reads(redis_db):
    async with living(redis_db, mode=Mode.LAZY) as life:
        await life.write(30)
        assert await life.polls() == [PAGE]
        assert await life.due_in_ms() is None

        await life.write(30)
        assert await life.polls() == []
        await life.read()
        assert await life.polls() == [PAGE]

        kept = await life.kept()
        assert kept.polling.asleep
        assert [kept.reach.under(Mode.LAZY).fills(gap) for gap in kept.held.gaps] == [False, False]


async def test_lazily_a_gap_is_read_page_by_page_by_who_comes_to_it(redis_db):
    async with living(redis_db, mode=Mode.LAZY) as life:
        await life.write(30)
        await life.polls()
        truth = await life.x.truth(life.person)

        for pages in range(2, 5):
            (gap,) = (await life.kept()).held.gaps
            await life.read(wanted=gap.newer)
            assert await life.polls() == [PAGE]
            assert list((await life.read()).ids) == truth[: pages * PAGE]
            await life.polls()


async def test_an_archive_holds_everything_whoever_reads(redis_db):
    async with living(redis_db, mode=Mode.ARCHIVE) as life:
        await life.write(60)
        for _ in range(3):
            life.clock.at_ms += MINUTE_MS
            await life.polls()
        life.clock.at_ms += 20 * DAY_MS
        await life.write(60)
        for _ in range(5):
            life.clock.at_ms += MINUTE_MS
            await life.polls()

        assert (await life.kept()).held.tweets == 120
        assert await life.due_in_ms() <= MINUTE_MS


async def test_who_has_not_read_for_a_week_sleeps_and_is_caught_up_as_far_as_is_paid_for(redis_db):
    async with living(redis_db, mode=Mode.FRESH, catch_up_tweets=2 * PAGE) as life:
        await life.write(3)
        await life.polls()
        await life.read()
        assert not (await life.kept()).polling.asleep

        life.clock.at_ms += 8 * DAY_MS
        await life.polls()
        assert (await life.kept()).polling.asleep
        await life.write(50)
        assert await life.polls() == []

        await life.read()
        assert sum(await life.polls(most=1)) == 2 * PAGE
        kept = await life.kept()
        assert not kept.polling.asleep
        assert not kept.polling.is_owed
        assert not kept.reach.is_filling(kept.held)
        assert list((await life.read()).ids)[: 2 * PAGE] == (await life.x.truth(life.person))[: 2 * PAGE]


async def test_what_a_catch_up_costs_is_looked_at_before_it_is_spent(redis_db):
    scarce = Budget(price=UNLIMITED.price, daily=UNLIMITED.price * 420)
    async with living(redis_db, mode=Mode.FRESH, budget=scarce, page_size=100) as life:
        await life.write(10)
        await life.polls()
        life.clock.at_ms += 8 * DAY_MS
        await life.polls()
        await life.write(600)

        await life.read()
        await life.polls()

        kept = await life.kept()
        assert 100 <= kept.held.tweets - 10 <= 200
        assert any(not gap.unfillable for gap in kept.held.gaps)


async def test_who_has_returned_sleeps_no_more_though_the_catch_up_could_not_go_on(redis_db):
    async with living(redis_db, mode=Mode.FRESH) as life:
        await life.polls()
        life.clock.at_ms += 8 * DAY_MS
        await life.polls()
        await life.write(3 * PAGE)
        prices = Prices(life.redis)
        await prices.adjust(Allowance(600, MINUTE_MS, 8_640), now_ms=life.clock.at_ms)
        await prices.take(10_000, 0, for_reader=False, now_ms=life.clock.at_ms)  # polls have spent theirs

        await life.read()
        assert await life.polls() == [PAGE]

        kept = await life.kept()
        assert kept.polling.outcome == "requests-spent"
        assert not kept.polling.asleep
        assert await life.due_in_ms() <= 2 * MINUTE_MS


async def test_who_runs_short_in_the_evening_is_polled_again_when_the_money_begins_anew(redis_db):
    scarce = Budget(price=UNLIMITED.price, account_daily=UNLIMITED.price * 2_000)
    async with living(redis_db, mode=Mode.ARCHIVE, budget=scarce) as life:
        await life.polls()
        life.clock.at_ms += DAY_MS - life.clock.at_ms % DAY_MS - 2 * MINUTE_MS
        reserved = Reservation(life.account_id, 0, life.clock.at_ms)
        await life.fetcher.ledger.note(reserved, range(1, 2_000))  # all but one post of the day

        assert await life.polls() == [0]

        assert await life.due_in_ms() <= 2 * MINUTE_MS


async def test_what_was_deleted_goes_though_somebody_reads_all_the_time(redis_db):
    async with living(redis_db, mode=Mode.ARCHIVE) as life:
        life.clock.at_ms += 12 * 60 * MINUTE_MS - life.clock.at_ms % DAY_MS
        await life.write(2)
        await life.polls()
        deleted, *_ = await life.x.truth(life.person)
        await life.x.control("DELETE", f"/tweets/{deleted}")

        life.clock.at_ms += DAY_MS - life.clock.at_ms % DAY_MS - 3 * 60 * MINUTE_MS
        for _ in range(3 * 60):
            life.clock.at_ms += MINUTE_MS
            await life.read()
            await life.polls()

        assert deleted not in (await life.read()).ids


async def test_reads_are_learned_from_once_a_minute_and_none_is_forgotten(redis_db):
    async with living(redis_db, mode=Mode.FRESH) as life:
        await life.write(3)
        await life.polls()
        for _ in range(3):
            await life.read()
        life.clock.at_ms += 40 * MINUTE_MS
        await life.read()
        noted = await life.redis.hmget(keys.account(life.account_id), "reads", "read_at_ms")
        assert len(noted[0].split()) == 2
        assert int(noted[1]) == life.clock.at_ms

        await life.polls()
        reads, interest = await life.redis.hmget(keys.account(life.account_id), "reads", "interest")
        assert reads == b""
        assert float(interest.split()[2]) == pytest.approx(2, abs=0.01)


async def test_a_read_that_comes_while_a_poll_is_under_way_is_served_shortly_after(redis_db):
    async with living(redis_db, mode=Mode.LAZY) as life:
        await life.polls()
        await life.read()
        (lease,) = await life.fetcher.schedule.claim(now_ms=life.clock.at_ms, lease_ms=MINUTE_MS, per_shard=1)
        polls = Polls(life.redis, Retention(30 * DAY_MS, 800))
        begun = await polls.begin(lease, now_ms=life.clock.at_ms, lease_ms=MINUTE_MS)
        await life.read()
        step = Step(Page(), begun.held, begun.window, None, begun.learned)
        await polls.commit(begun.lease, step, due_at_ms=None, now_ms=life.clock.at_ms)

        assert await life.due_in_ms() <= MINUTE_MS


async def test_a_mode_chosen_while_a_poll_is_under_way_is_taken_up_shortly_after(redis_db):
    async with living(redis_db, mode=Mode.LAZY) as life:
        fetch = life.fetcher.upstream.ask

        async def choose_while_asked(*args):
            await Accounts(life.redis).spend(life.account_id, Mode.ARCHIVE, now_ms=life.clock.at_ms)
            return await fetch(*args)

        life.fetcher.upstream.ask = choose_while_asked
        await life.polls()
        assert await life.due_in_ms() <= MINUTE_MS

        life.fetcher.upstream.ask = fetch
        life.clock.at_ms += MINUTE_MS
        await life.polls()
        assert not (await life.kept()).polling.asleep


async def test_a_mode_chosen_without_money_is_taken_up_when_there_is_some(redis_db):
    scarce = Budget(price=UNLIMITED.price, account_daily=UNLIMITED.price * 100)
    async with living(redis_db, mode=Mode.LAZY, budget=scarce) as life:
        await life.polls()
        assert await life.due_in_ms() is None
        reserved = Reservation(life.account_id, 0, life.clock.at_ms)
        await life.fetcher.ledger.note(reserved, range(1, 200))

        await Accounts(life.redis).spend(life.account_id, Mode.ARCHIVE, now_ms=life.clock.at_ms)
        assert await life.polls() == [0]

        assert 0 < await life.due_in_ms() <= DAY_MS + 60 * MINUTE_MS
        assert (await life.kept()).polling.outcome == "budget-spent"


async def test_a_forgotten_account_cannot_choose_a_mode(redis_db):
    async with living(redis_db) as life:
        assert not await Accounts(life.redis).spend(AccountId(99), Mode.LAZY, now_ms=life.clock.at_ms)
        assert await Accounts(life.redis).spend(life.account_id, Mode.LAZY, now_ms=life.clock.at_ms)
        assert (await life.kept()).mode is Mode.LAZY
        await Accounts(life.redis).spend(life.account_id, None, now_ms=life.clock.at_ms)
        assert (await life.kept()).mode is None
