"""X's own Python SDK, unmodified: the base URL is another."""

import asyncio

from xdk import Client


async def test_the_timeline_is_read_completely_and_in_order(gate, reader, ids):
    def read():
        client = Client(base_url=gate.plain, access_token=reader.token)
        me = client.users.get_me(user_fields=["username"])
        pages = client.users.get_timeline(
            me.data.id,
            max_results=100,
            post_fields=["created_at", "public_metrics"],
            expansions=["author_id"],
        )
        return me, [int(each.id) for page in pages for each in page.data]

    me, seen = await asyncio.to_thread(read)

    assert me.data.username == reader.username
    assert seen == ids
