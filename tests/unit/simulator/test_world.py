"""The made-up world: the same after every restart, at any moment; late tweets, edits, deletions."""

from simulator.authors import Author
from simulator.ids import written_at_ms
from simulator.outline import BUCKET_MS, author_number, outlines
from tests.unit.simulator.x import AT_MS, X, ids_of

FIELDS = {
    "tweet_fields": "author_id,created_at,edit_controls,entities,public_metrics,referenced_tweets",
    "expansions": "author_id,referenced_tweets.id,attachments.media_keys",
}
HOUR_MS = 3_600_000


async def seeded(x):
    """List the people of the seed."""
    return (await x.control("GET", "/users"))["users"]


async def lives(until_ms, *, since_ms=AT_MS, every_ms=BUCKET_MS // 3, **settings):
    """Let a world live, looked at now and then; the world and one of its people."""
    x = X(since_ms, simulator_users=2, **settings)
    _, person = await seeded(x)
    while x.clock.at_ms < until_ms:
        await x.truth(person)
        x.clock.at_ms += every_ms
    x.clock.at_ms = until_ms
    return x, person


async def test_a_restart_finds_the_same_people_with_the_same_tokens():
    assert await seeded(X(AT_MS, simulator_users=3)) == await seeded(X(AT_MS, simulator_users=3))


async def test_another_seed_is_another_world():
    one, other = X(simulator_users=1, simulator_seed=1), X(simulator_users=1, simulator_seed=2)
    (ada,), (bob,) = await seeded(one), await seeded(other)

    assert ada["oauth1"] != bob["oauth1"]
    assert not set(await one.truth(ada)) & set(await other.truth(bob))


async def test_a_restart_finds_the_same_tweets():
    one, person = await lives(AT_MS + HOUR_MS)
    other, _ = await lives(AT_MS + HOUR_MS, since_ms=AT_MS + HOUR_MS)

    pages = [await x.page(person, **FIELDS) for x in (one, other)]

    assert pages[0] == pages[1]
    reachable = (await one.truth(person))[:2000]
    assert reachable == (await other.truth(person))[:2000]


async def test_a_restart_knows_tweets_that_nobody_has_looked_at_since():
    one, person = await lives(AT_MS)
    other, _ = await lives(AT_MS)
    ids = [*(await one.truth(person))[::50], 20]

    answers = [(await x.lookup(person, *ids, **FIELDS)).json() for x in (other, one)]

    assert answers[0] == answers[1]
    assert ids_of(answers[0]) == ids[:-1]


async def test_tweets_come_as_the_clock_goes_on_and_stay():
    x, person = await lives(AT_MS)
    before = await x.truth(person)

    x.clock.at_ms += HOUR_MS
    after = await x.truth(person)

    assert after == sorted(after, reverse=True)
    assert len(set(after) - set(before)) > 5
    assert all(written_at_ms(each) <= x.clock.at_ms for each in after)
    assert len(set(before) - set(after)) < 5  # edited or deleted


def test_some_tweets_show_late_but_never_later_than_eight_seconds():
    bucket = AT_MS // BUCKET_MS
    drawn = [each for n in range(50) for each in outlines(Author(1, n, even_rate_per_hour=100), bucket)]
    late_ms = [each.shows_at_ms - written_at_ms(each.id) for each in drawn]

    assert 0.02 < sum(each > 500 for each in late_ms) / len(late_ms) < 0.06
    assert all(0 <= each <= 8000 for each in late_ms)


async def test_a_tweet_shows_when_it_is_to_show(x):
    ada = await x.person(follow=30)
    foretold = min(set(await x.truth(ada, everything=True)) - set(await x.truth(ada)))
    author = Author(1, author_number(foretold))
    (outline,) = [each for each in outlines(author, AT_MS // BUCKET_MS) if each.id == foretold]

    x.clock.at_ms = outline.shows_at_ms - 1
    before = await x.truth(ada)
    x.clock.at_ms += 1

    assert (foretold in before, foretold in await x.truth(ada)) == (False, True)


async def test_what_shows_later_can_be_foretold():
    x, person = await lives(AT_MS)
    foretold = set(await x.truth(person, everything=True))

    x.clock.at_ms = (AT_MS // BUCKET_MS + 1) * BUCKET_MS - 1

    assert set(await x.truth(person)) <= foretold


async def test_an_edit_takes_the_place_of_what_it_edits():
    x, person = await lives(AT_MS)
    params, edits, shown = {}, [], set(await x.truth(person))
    while not edits:
        page = await x.page(person, tweet_fields="edit_controls", **params)
        params = {"pagination_token": page["meta"]["next_token"]}
        edits = [each for each in page["data"] if len(each["edit_history_tweet_ids"]) > 1]

    older, newer = map(int, edits[0]["edit_history_tweet_ids"])
    assert edits[0]["edit_controls"]["edits_remaining"] == 4
    assert older < newer
    assert (newer in shown, older in shown) == (True, False)
    assert ids_of((await x.lookup(person, older)).json()) == [older]  # it can still be looked up


async def test_a_tweet_that_is_deleted_goes_from_every_timeline_also_before_it_shows(x):
    ada, bob = await x.person(follow=30), await x.person(follow=30)
    shown = (await x.truth(ada))[0]
    planned = max(await x.truth(ada, everything=True))
    assert planned > shown

    for each in (shown, planned):
        await x.control("DELETE", f"/tweets/{each}")
    x.clock.at_ms += HOUR_MS

    for person in (ada, bob):
        assert not {shown, planned} & set(await x.truth(person))
    assert ids_of((await x.lookup(ada, shown, planned)).json()) == []


async def test_what_is_yet_to_show_cannot_be_looked_up(x):
    ada = await x.person(follow=30)
    planned = max(await x.truth(ada, everything=True))

    before = ids_of((await x.lookup(ada, planned)).json())
    x.clock.at_ms = written_at_ms(planned) + 8000
    after = ids_of((await x.lookup(ada, planned)).json())

    assert (before, after) == ([], [planned])


async def test_people_share_tweets(x):
    ada, bob = await x.person(follow=30), await x.person(follow=30)

    assert set(await x.truth(ada)) & set(await x.truth(bob))


async def test_a_rate_can_be_wished(x):
    ada = await x.person(rate_per_minute=4)
    before = len(await x.truth(ada))

    x.clock.at_ms += HOUR_MS

    assert 3 < (len(await x.truth(ada)) - before) / 60 < 5


async def test_somebody_may_live_where_nothing_is_deleted(x):
    ada = await x.person(follow=30, deletes=False)
    known = set()
    for _ in range(24):
        known |= set(await x.truth(ada))
        x.clock.at_ms += HOUR_MS
    gone = sorted(known - set(await x.truth(ada)))

    bob = await x.person()

    assert ids_of((await x.lookup(bob, *gone)).json()) == gone  # edited, which is another thing
    old, eve = sorted(known)[:100], await x.person(deletes=False)
    assert len(ids_of((await x.lookup(bob, *old)).json())) < len(old)
    assert ids_of((await x.lookup(eve, *old)).json()) == old
