"""Pages of a home timeline: exact ranges, opaque tokens, short pages, X's depth."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.home import answer_home
from simulator.ids import snowflake
from simulator.render import Renderer
from simulator.world import World
from tests.unit.simulator.x import AT_MS, X, ids_of

DAY_MS = 24 * 3600 * 1000
NEIGHBOURS = [snowflake(AT_MS - 500, 0) + each for each in range(1, 6)]  # differ in the lowest bits only


async def walk(x, person, **params):
    """Read from page to page, down to the last."""
    pages = [await x.page(person, **params)]
    while "next_token" in pages[-1]["meta"]:
        pages.append(await x.page(person, **params, pagination_token=pages[-1]["meta"]["next_token"]))
    return pages


async def test_an_empty_timeline_has_no_data(x):
    assert await x.page(await x.person()) == {"meta": {"result_count": 0}}


async def test_a_page_is_newest_first_and_says_what_is_on_it(x):
    ada = await x.person()
    await x.post(ada, *NEIGHBOURS)

    page = await x.page(ada, max_results=3)

    assert ids_of(page) == NEIGHBOURS[:1:-1]
    meta = {"result_count": 3, "newest_id": str(NEIGHBOURS[4]), "oldest_id": str(NEIGHBOURS[2])}
    assert page["meta"] == meta | {"next_token": page["meta"]["next_token"]}


@pytest.mark.parametrize(("since", "until"), [(0, 4), (1, 3), (None, 2), (2, None), (3, 4)])
async def test_since_and_until_are_exclusive_to_the_lowest_bit(x, since, until):
    ada = await x.person()
    await x.post(ada, *NEIGHBOURS)
    params = {"since_id": since, "until_id": until}

    page = await x.page(ada, **{name: NEIGHBOURS[n] for name, n in params.items() if n is not None})

    low, high = (0 if since is None else since + 1), (5 if until is None else until)
    assert ids_of(page) == NEIGHBOURS[low:high][::-1]


async def test_ids_win_over_times(x):
    ada = await x.person()
    await x.post(ada, *NEIGHBOURS)

    page = await x.page(ada, since_id=NEIGHBOURS[3], start_time="2038-01-01T00:00:00Z")

    assert ids_of(page) == NEIGHBOURS[4:]


async def test_a_range_of_time_includes_its_start_and_not_its_end(x):
    ada = await x.person()
    ids = await x.post(ada, *(snowflake(AT_MS - second * 1000, 7) for second in range(3)))

    page = await x.page(ada, start_time="2026-09-21T14:13:19Z", end_time="2026-09-21T14:13:20Z")

    assert AT_MS == 1_790_000_000_000  # 2026-09-21T14:13:20Z
    assert ids_of(page) == [ids[1]]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
async def test_tokens_lead_to_every_tweet_once_and_back(x, size):
    ada = await x.person()
    ids = await x.post(ada, *NEIGHBOURS, count=7)

    down = await walk(x, ada, max_results=size)
    up = [down[-1]]
    while "previous_token" in up[-1]["meta"]:
        token = up[-1]["meta"]["previous_token"]
        up.append(await x.page(ada, max_results=size, pagination_token=token))

    assert [each for page in down for each in ids_of(page)] == sorted(ids, reverse=True)
    assert [each for page in reversed(up) for each in ids_of(page)] == sorted(ids, reverse=True)
    assert "previous_token" not in down[0]["meta"]


async def test_tokens_stay_inside_the_range_that_is_asked_for(x):
    ada = await x.person()
    ids = sorted(await x.post(ada, count=20))

    pages = await walk(x, ada, since_id=ids[3], until_id=ids[15], max_results=5)

    assert [each for page in pages for each in ids_of(page)] == ids[4:15][::-1]
    assert [page["meta"].get("previous_token") is None for page in pages] == [True, False, False]


async def test_what_is_written_meanwhile_does_not_move_the_next_page(x):
    ada = await x.person()
    ids = sorted(await x.post(ada, count=10))
    first = await x.page(ada, max_results=5)
    x.clock.at_ms += 1000
    new = await x.post(ada, count=3)

    second = await x.page(ada, max_results=5, pagination_token=first["meta"]["next_token"])
    newer = await x.page(ada, pagination_token=second["meta"]["previous_token"])

    assert ids_of(second) == ids[4::-1]
    assert ids_of(newer) == sorted([*ids[5:], *new], reverse=True)


async def test_a_short_page_has_a_token_and_loses_nothing():
    x = X(simulator_short_share=1)
    ada = await x.person()
    ids = await x.post(ada, count=100)

    pages = await walk(x, ada, max_results=10)

    assert any(page["meta"]["result_count"] < 10 for page in pages[:-1])
    assert [each for page in pages for each in ids_of(page)] == sorted(ids, reverse=True)


async def test_what_is_left_out_makes_a_page_short_not_the_next_one_long(x):
    ada = await x.person()
    retweet = {"referenced_tweets": [{"type": "retweeted", "id": "20"}]}
    reply = {"referenced_tweets": [{"type": "replied_to", "id": "20"}]}
    plain = await x.post(ada, *[{}, retweet, reply] * 4)

    pages = await walk(x, ada, exclude="retweets,replies", max_results=6)

    assert [page["meta"]["result_count"] for page in pages] == [2, 2]
    assert [each for page in pages for each in ids_of(page)] == plain[::3][::-1]


async def test_the_newest_800_are_reachable_however_old(x):
    ada = await x.person()
    ids = sorted(await x.post(ada, *(snowflake(AT_MS - 30 * DAY_MS, each) for each in range(810))))

    pages = await walk(x, ada)

    assert [each for page in pages for each in ids_of(page)] == ids[:-801:-1]
    assert (await x.control("GET", f"/users/{ada['id']}/timeline"))["reachable"] == 800


async def test_the_last_seven_days_are_reachable_however_many(x):
    ada = await x.person()
    young = await x.post(ada, *(snowflake(AT_MS - 7 * DAY_MS + 1, each) for each in range(900)))
    await x.post(ada, snowflake(AT_MS - 7 * DAY_MS - 1, 0))

    pages = await walk(x, ada)

    assert [each for page in pages for each in ids_of(page)] == sorted(young, reverse=True)


async def test_x_has_nothing_to_say_about_what_lies_too_deep(x):
    ada = await x.person()
    ids = sorted(await x.post(ada, *(snowflake(AT_MS - 30 * DAY_MS, each) for each in range(900))))

    assert await x.page(ada, until_id=ids[100]) == {"meta": {"result_count": 0}}


BASE = snowflake(AT_MS - DAY_MS, 0)
OFFSETS = st.integers(0, 60)


@given(
    offsets=st.sets(OFFSETS),
    bounds=st.fixed_dictionaries({}, optional={"since_id": OFFSETS, "until_id": OFFSETS}),
    size=st.integers(1, 12),
    short_share=st.sampled_from([0, 0.5, 1]),
)
def test_whatever_is_held_and_asked_every_tweet_comes_once(offsets, bounds, size, short_share):
    world = World(1, 0, AT_MS)
    world.short_share = short_share
    person = world.add({"follow": 0}, AT_MS)
    world.post(person, [{"id": BASE + each} for each in offsets], AT_MS)
    params = {"max_results": str(size)} | {name: str(BASE + each) for name, each in bounds.items()}

    read, token = [], {}
    while token is not None:
        page = json.loads(answer_home(world, Renderer(world), person, params | token, AT_MS)[0])
        read += ids_of(page)
        token = {"pagination_token": page["meta"]["next_token"]} if "next_token" in page["meta"] else None
        world.post(person, [{}], AT_MS)  # meanwhile somebody writes something

    low, high = bounds.get("since_id", -1), bounds.get("until_id", 61)
    assert read == [BASE + each for each in sorted(offsets, reverse=True) if low < each < high]
