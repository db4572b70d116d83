"""What is sealed opens for whom it was sealed, with the right key, and otherwise not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import (
    CannotOpenError,
    MasterKeys,
    UnknownKeyError,
    lock,
    new_key,
    seal,
    unlock,
    unseal,
    write_key,
)

KEY = bytes(range(32))
ADA, BOB = 12, 34


@given(account_id=st.integers(1, 2**63 - 1), plain=st.binary(max_size=300))
def test_what_was_sealed_opens(account_id, plain):
    assert unseal(KEY, account_id, seal(KEY, account_id, plain)) == plain


def test_what_was_sealed_for_one_account_does_not_open_for_another():
    with pytest.raises(CannotOpenError):
        unseal(KEY, BOB, seal(KEY, ADA, b"secret"))


def test_another_key_does_not_open_it():
    with pytest.raises(CannotOpenError):
        unseal(new_key(), ADA, seal(KEY, ADA, b"secret"))


@given(at=st.integers(0, 33), bit=st.integers(0, 7))
def test_a_single_changed_bit_is_noticed(at, bit):
    sealed = bytearray(seal(KEY, ADA, b"secret"))
    sealed[at] ^= 1 << bit

    with pytest.raises(CannotOpenError):
        unseal(KEY, ADA, bytes(sealed))


@given(st.binary(max_size=40))
def test_what_was_never_sealed_does_not_open(anything):
    with pytest.raises(CannotOpenError):
        unseal(KEY, ADA, anything)


def test_nothing_is_sealed_twice_alike():
    assert len({seal(KEY, ADA, b"secret") for _ in range(100)}) == 100


def test_the_first_key_wraps_and_every_key_unwraps():
    old, new = new_key(), new_key()
    wrapped = MasterKeys([old]).wrap(ADA, KEY)
    both = MasterKeys([new, old])

    assert both.unwrap(ADA, wrapped) == KEY
    assert not both.is_by_first(wrapped)
    assert both.is_by_first(both.wrap(ADA, KEY))
    assert MasterKeys([new]).unwrap(ADA, both.wrap(ADA, KEY)) == KEY


def test_a_data_key_of_one_account_is_none_of_another():
    master = MasterKeys([new_key()])

    with pytest.raises(CannotOpenError):
        master.unwrap(BOB, master.wrap(ADA, KEY))


def test_a_key_that_was_taken_away_is_named_not_guessed():
    gone = MasterKeys([new_key()])

    with pytest.raises(UnknownKeyError, match=gone.first_id):
        MasterKeys([new_key()]).unwrap(ADA, gone.wrap(ADA, KEY))


@pytest.mark.parametrize("between", [",", " ", ", ", "\n"])
def test_keys_are_read_as_operators_write_them(between):
    old, new = new_key(), new_key()
    wrapped = MasterKeys([old]).wrap(ADA, KEY)

    master = MasterKeys.read(between.join([write_key(new), write_key(old).rstrip("=")]) + "\n")

    assert master.unwrap(ADA, wrapped) == KEY
    assert master.first_id == MasterKeys([new]).first_id


@pytest.mark.parametrize("written", ["", " , ", "short", "é" * 43, write_key(KEY) + ",c2hvcnQ=", "!" * 44])
def test_what_is_no_key_is_refused_and_not_repeated(written):
    with pytest.raises(ValueError, match="roost keys new") as refused:
        MasterKeys.read(written)

    assert "short" not in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_no_key_shows_itself():
    key = new_key()
    assert write_key(key).rstrip("=") not in repr(MasterKeys([key]))


def test_only_whoever_holds_the_secret_unlocks():
    locked = lock("the browser's", b"plain")

    assert unlock("the browser's", locked) == b"plain"
    assert b"plain" not in locked
    with pytest.raises(CannotOpenError):
        unlock("another's", locked)
