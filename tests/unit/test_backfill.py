"""How far back a timeline is read when it is registered."""

from shared.domain.timeline import Gap, Held, Page, Want, end_history, join, want_newest, want_next
from shared.domain.tweet import TweetId


def read_a_page(held: Held, want: Want, *ids: int) -> tuple[Held, Want | None]:
    page = Page(ids=tuple(map(TweetId, ids)), next_token="more")
    held = end_history(join(held, want, page), backfill_tweets=4)
    return held, want_next(held, want, page)


def test_reading_back_goes_on_until_enough_is_held():
    held, rest = read_a_page(Held(), want_newest(Held(), 0), 90, 80)

    assert rest == Want(since=TweetId(0), until=TweetId(80), token="more")
    assert held.gaps == (Gap(TweetId(0), TweetId(80)),)


def test_reading_back_ends_once_enough_is_held_though_x_has_more():
    held, rest = read_a_page(Held(), want_newest(Held(), 0), 90, 80)
    held, rest = read_a_page(held, rest, 70, 60)

    assert rest is None
    assert (held.floor, held.gaps) == (59, ())


def test_what_is_read_once_more_is_not_held_twice():
    held, _ = read_a_page(Held(), want_newest(Held(), 0), 90, 80)

    held, rest = read_a_page(held, Want(since=TweetId(70), known=TweetId(70)), 90, 80)

    assert held.tweets == 2
    assert rest == Want(since=TweetId(70), until=TweetId(80), token="more", known=TweetId(70))


def test_an_empty_page_that_x_goes_on_from_is_gone_on_from():
    _, rest = read_a_page(Held(), want_newest(Held(), 0))

    assert rest == Want(since=TweetId(0), until=None, token="more")


def test_a_gap_above_is_still_read_when_history_has_ended():
    held = Held(
        newest=TweetId(200), gaps=(Gap(TweetId(120), TweetId(150)), Gap(TweetId(0), TweetId(80))), tweets=3
    )
    _, rest = read_a_page(held, Want(since=TweetId(0), until=TweetId(80)), 70, 60)

    assert rest == Want(since=TweetId(120), until=TweetId(150), known=TweetId(120))
