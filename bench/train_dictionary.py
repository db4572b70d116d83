"""
Train the dictionary that bodies are compressed against: `shared/store/bodies.zdict`.

The samples are bodies of the simulator's made-up world, written exactly as the
codec writes them; no real tweet is in it. The same code trains the same bytes. A
dictionary carries an id that every frame names, so a new one must get a new id and
the frames of the old one still need the old file.

    python -m bench.train_dictionary                  train and write the file
    python -m bench.train_dictionary PAGES_FOLDER     compare levels and sizes, on recorded pages too
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
import zstandard

from bench.samples import Samples
from bench.table import Row, show
from shared.domain.tweet import Body
from shared.x.page import read_page

FILE = Path(__file__).parent.parent / "shared" / "store" / "bodies.zdict"

#: Named by every frame; below 32,768 ids are reserved for a register of dictionaries that is to come.
DICTIONARY_ID = 72_016
SIZE_BYTES = 16 * 1024  # larger ones save nothing on real tweets, whose words are not the simulator's
LEVEL = 3

_SEEDS = range(100, 140)
_TESTED_SEEDS = range(900, 904)
_write = msgspec.msgpack.Encoder().encode


def train(size_bytes: int = SIZE_BYTES) -> bytes:
    """Train a dictionary of that size on bodies of many worlds."""
    samples = [written for seed in _SEEDS for written in _bodies(_made_up(seed))]
    return zstandard.train_dictionary(
        size_bytes, samples, dict_id=DICTIONARY_ID, level=LEVEL, d=8, steps=4, threads=0
    ).as_bytes()


def _made_up(seed: int) -> Iterator[bytes]:
    return islice(Samples(2, seed).pages(100), 6)


def _bodies(pages: Iterator[bytes]) -> Iterator[bytes]:
    """Write the bodies of these pages as the codec does before it compresses."""
    bodies: dict[str, Body] = {}
    for page in pages:
        bodies |= {body.key: body for body in read_page(page).bodies}
    return (_write((body.refs, body.raw)) for body in bodies.values())


def compare(recorded: Path) -> list[Row]:
    """Tell what each size of dictionary at each level makes of bodies that it was not trained on."""
    tested = {
        "made up": [each for seed in _TESTED_SEEDS for each in _bodies(_made_up(seed))],
        "recorded": list(_bodies(_recorded(recorded))),
    }
    rows = []
    for name, bodies in tested.items():
        rows += [_row(f"{name}, no dictionary", bodies, None, level) for level in (3, 9)]
        for size_bytes in (16 * 1024, 32 * 1024, 64 * 1024, 112 * 1024):
            dictionary = zstandard.ZstdCompressionDict(train(size_bytes))
            rows += [
                _row(f"{name}, {size_bytes // 1024} kB", bodies, dictionary, level) for level in (1, 3, 6, 9)
            ]
    return rows


def _recorded(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            with suppress(msgspec.DecodeError):  # some are one object over many lines
                page = msgspec.json.decode(line)
                if isinstance(page.get("data"), list) and "includes" in page:
                    yield msgspec.json.encode(page | {"meta": {}})


def _row(
    name: str, bodies: Sequence[bytes], dictionary: zstandard.ZstdCompressionDict | None, level: int
) -> Row:
    compress = zstandard.ZstdCompressor(level=level, dict_data=dictionary, write_checksum=False).compress
    decompress = zstandard.ZstdDecompressor(dict_data=dictionary).decompress
    began_s = time.process_time()
    written = [compress(body) for body in bodies]
    between_s = time.process_time()
    assert [decompress(each) for each in written] == list(bodies)
    ended_s = time.process_time()
    bytes_each = sum(map(len, written)) / len(bodies)
    return Row(
        f"{name}, level {level}",
        f"{bytes_each:.0f} bytes of {sum(map(len, bodies)) / len(bodies):.0f}",
        f"{(between_s - began_s) / len(bodies) * 1e6:.1f} µs to write",
        f"{(ended_s - between_s) / len(bodies) * 1e6:.1f} µs to read",
        f"{sum(map(len, written)) / sum(map(len, bodies)):.3f}",
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        show("bodies, compressed", compare(Path(sys.argv[1])))
    else:
        FILE.write_bytes(train())
