"""Every key in Redis is documented where it is made."""

import inspect
import re

import pytest

from shared.store import keys

MAKERS = [
    maker
    for _, maker in inspect.getmembers(keys, inspect.isfunction)
    if maker.__module__ == keys.__name__ and maker.__annotations__.get("return") is str
]


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_a_key_is_documented(maker):
    key = maker(*(17 for _ in inspect.signature(maker).parameters))
    shape = (
        re.sub(r"[0-9a-f]{64}$", "<hash>", re.sub(r"\{s\d+\}", "{s17}", key))
        .removesuffix("}")
        .removesuffix("17")
    )

    assert ":" not in key or shape in (keys.__doc__ or "")
