"""What a request for a timeline may ask, and what is refused by name."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from services.api.faults import Fault
from services.api.parameters import LISTS, RANGE, check_lists, read_params, read_range, write_token
from shared.domain.tweet import MAX_ID, TweetId, first_id_at
from shared.store.timelines import Range

EIGHT_O_CLOCK_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z
ids = st.integers(0, MAX_ID).map(TweetId)


def _read(**params):
    return read_range(params, most=100, usual=50)


def _refused(**params):
    with pytest.raises(Fault) as fault:
        _read(**params)
    assert fault.value.status == 400
    return fault.value.parameter


def _token(text):
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_nothing_asked_is_the_usual_page():
    assert _read() == Range(None, None, 50)


@given(ids, st.booleans())
def test_a_token_is_read_as_it_was_written(edge, newer):
    asked = _read(pagination_token=write_token(edge, newer=newer))

    assert asked == (Range(edge, None, 50, oldest_first=True) if newer else Range(None, edge, 50))


@given(st.text() | st.binary().map(_token) | st.text("on0123456789").map(str.encode).map(_token))
def test_any_token_is_read_or_refused(token):
    try:
        asked = _read(pagination_token=token)
    except Fault:
        return  # whatever else is raised fails the test
    assert 0 <= (asked.since if asked.oldest_first else asked.until) <= MAX_ID


@pytest.mark.parametrize("text", [b"o" + b"9" * 5000, b"o9223372036854775808", b"o", b"x1", b"o-1", b"o 1"])
def test_a_token_that_was_never_given_out_is_refused(text):
    assert _refused(pagination_token=_token(text)) == "pagination_token"


@pytest.mark.parametrize("value", ["", "x", "-1", "+1", "1.5", "٣", "9223372036854775808", "9" * 5000, " 1"])
@pytest.mark.parametrize("name", ["since_id", "until_id"])
def test_what_is_no_id_is_refused(name, value):
    assert _refused(**{name: value}) == name


@pytest.mark.parametrize("value", ["", "0", "101", "-1", "1.0", "٣", "9" * 5000])
def test_a_count_out_of_bounds_is_refused(value):
    assert _refused(max_results=value) == "max_results"


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2026-11-23", "2026-11-23T08:00:00", "2026-13-01T00:00:00Z"]
)
@pytest.mark.parametrize("name", ["start_time", "end_time"])
def test_what_is_no_instant_is_refused_even_where_an_id_is_given(name, value):
    assert _refused(**{name: value}, since_id="1", until_id="2") == name


def test_an_instant_begins_with_the_first_id_of_its_millisecond():
    first = first_id_at(EIGHT_O_CLOCK_MS)

    assert _read(start_time="2026-11-23T08:00:00Z").since == first - 1
    assert _read(end_time="2026-11-23T10:00:00+02:00").until == first


@pytest.mark.parametrize("year", ["0001", "2009", "2100", "9999"])
def test_an_instant_outside_all_ids_is_the_nearest_id(year):
    asked = _read(end_time=f"{year}-01-01T00:00:00Z")

    assert asked.until == (0 if year < "2010" else MAX_ID)


def test_ids_win_over_instants():
    asked = _read(
        since_id="5", start_time="2026-11-23T08:00:00Z", until_id="9", end_time="2026-11-23T09:00:00Z"
    )

    assert (asked.since, asked.until) == (5, 9)


def test_an_empty_range_is_refused_by_what_was_given():
    assert _refused(since_id="9", until_id="9") == "since_id"
    assert _refused(start_time="2026-11-23T09:00:00Z", until_id="9") == "start_time"


def test_a_token_stays_inside_the_range():
    older, newer = write_token(TweetId(50), newer=False), write_token(TweetId(50), newer=True)

    assert _read(since_id="20", pagination_token=older) == Range(20, 50, 50)
    assert _read(until_id="20", pagination_token=older) == Range(None, 20, 50)
    assert _read(until_id="0", pagination_token=older) == Range(None, 0, 50)
    assert _read(since_id="60", pagination_token=newer) == Range(60, None, 50, oldest_first=True)


def test_a_parameter_given_twice_or_not_known_is_refused():
    for query, parameter in ((b"since_id=1&since_id=1", "since_id"), (b"sort=old", "sort")):
        request = Request({"type": "http", "query_string": query, "headers": []})
        with pytest.raises(Fault) as fault:
            read_params(request, RANGE)
        assert (fault.value.status, fault.value.parameter) == (400, parameter)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_field_that_x_does_not_know_is_refused_by_its_value(name):
    check_lists({name: ",".join(LISTS[name])})

    for value in ("", "nonsense", f"{min(LISTS[name])},nonsense"):
        with pytest.raises(Fault) as fault:
            check_lists({name: value})
        assert (fault.value.parameter, fault.value.value) == (name, value.rpartition(",")[2])
