"""Pages as X documents them: what is served in either dialect validates against X's own descriptions."""

import json
from functools import cache
from pathlib import Path

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator

from shared.x.home import FIELDS
from shared.x.page import read_page

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings"
OLDER = RECORDINGS / "openapi" / "x-openapi-2.166_docs_2026-06-11.json"
NEWER = RECORDINGS / "openapi" / "x-openapi-2.167_docs_2026-08-22.json"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="X's descriptions of its API are not beside this repository."
)

OLDER_WISHES = {
    "nothing": {},
    "everything": FIELDS,
    "authors": {"expansions": "author_id", "user.fields": "verified,public_metrics"},
    "references": {
        "expansions": "referenced_tweets.id,referenced_tweets.id.author_id",
        "tweet.fields": "lang",
    },
    "media": {
        "expansions": "attachments.media_keys,attachments.poll_ids",
        "media.fields": "url,variants,width",
    },
}
NEWER_WISHES = {
    "posts": {"post.fields": "created_at,public_metrics,note_post,entities"},
    "references": {
        "post.fields": "lang",
        "expansions": "referenced_posts,author_id",
        "user.fields": "public_metrics",
    },
}


@cache
def _validator(path, response):
    described = json.loads(path.read_text())
    kind = OAS31Validator if described["openapi"].startswith("3.1") else OAS30Validator
    return kind({"$ref": f"#/components/schemas/{response}", "components": described["components"]})


@pytest.fixture
async def world(x, people, ada, simulator_url):
    """A timeline of a hundred tweets with everything that tweets may have, as the simulated X gives them."""
    answer = await x.get(
        ada.home,
        params=FIELDS | {"max_results": "100"},
        headers={"authorization": f"Bearer {ada.tokens['oauth2']['access_token']}"},
    )
    await people.show(ada, read_page(answer.content))
    return ada


@pytest.mark.parametrize("wish", OLDER_WISHES)
async def test_a_page_is_as_x_documented_it(gateway, world, wish):
    page = await gateway.get(world.home, params=OLDER_WISHES[wish], headers=world.headers)

    assert page.json()["meta"]["result_count"] > 0
    faults = _validator(OLDER, "Get2UsersIdTimelinesReverseChronologicalResponse").iter_errors(page.json())
    assert [fault.message for fault in faults] == []


@pytest.mark.parametrize("wish", NEWER_WISHES)
async def test_a_page_is_as_x_documents_it_today(gateway, world, wish):
    page = await gateway.get(world.home, params=NEWER_WISHES[wish], headers=world.headers)

    assert page.json()["meta"]["result_count"] > 0
    faults = _validator(NEWER, "GetUsersTimelineResponse").iter_errors(page.json())
    assert [fault.message for fault in faults] == []
