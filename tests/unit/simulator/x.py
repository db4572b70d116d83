"""One who asks the simulator, in process: as X by people's tokens, and over the control surface."""

from dataclasses import dataclass

import httpx2

from shared.settings import SimulatorSettings
from simulator.app import create_app

#: The moment at which the tests' clock stands at first.
AT_MS = 1_790_000_000_000


@dataclass
class Hands:
    """A clock that goes on only when it is moved, or waited with."""

    at_ms: int = AT_MS

    def now_ms(self):
        """Tell the instant in epoch milliseconds."""
        return self.at_ms

    async def sleep_ms(self, duration_ms):
        """Let that many milliseconds pass at once."""
        self.at_ms += int(duration_ms)


class X:
    """A simulator, its clock, and a client of it."""

    def __init__(self, at_ms=AT_MS, **settings):
        self.clock = Hands(at_ms)
        quiet = {"simulator_users": 0, "simulator_short_share": 0, "simulator_window_limit": 1000}
        self.app = create_app(SimulatorSettings(**quiet | settings), self.clock)
        self.client = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url="http://x.test")

    async def ask(self, method, path, **how):
        """Ask, and return the answer whatever its status."""
        return await self.client.request(method, path, **how)

    async def control(self, method, path, body=None):
        """Use the control surface; its answer as values, None when there is none."""
        answer = await self.ask(method, f"/_sim{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def person(self, **wish):
        """Add somebody; they follow nobody unless wished."""
        return await self.control("POST", "/users", {"follow": 0} | wish)

    async def post(self, person, *tweets, count=0):
        """Show tweets in a person's timeline; their ids."""
        body = {"tweets": [each if isinstance(each, dict) else {"id": each} for each in tweets]}
        answer = await self.control("POST", f"/users/{person['id']}/tweets", body | {"count": count})
        return [int(each) for each in answer["ids"]]

    async def home(self, person, **params):
        """Ask for a person's home timeline in their name."""
        path = f"/2/users/{person['id']}/timelines/reverse_chronological"
        return await self.ask("GET", path, params=_dotted(params), headers=bearer(person))

    async def page(self, person, **params):
        """Read a page of a person's home timeline."""
        answer = await self.home(person, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def lookup(self, person, *ids, **params):
        """Look tweets up in a person's name."""
        params = {"ids": ",".join(map(str, ids)), **_dotted(params)}
        return await self.ask("GET", "/2/tweets", params=params, headers=bearer(person))

    async def truth(self, person, *, everything=False):
        """List the ids that X shows a person now, newest first."""
        path = f"/users/{person['id']}/timeline" + ("?all=true" if everything else "")
        return [int(each) for each in (await self.control("GET", path))["ids"]]


def bearer(person):
    """Sign in with a person's OAuth 2.0 token."""
    return {"authorization": f"Bearer {person['oauth2']['access_token']}"}


def ids_of(page):
    """List the ids on a page, as they stand there."""
    return [int(each["id"]) for each in page.get("data", ())]


def _dotted(params):
    """Name parameters as X does: `tweet_fields` is `tweet.fields`."""
    return {name.replace("_fields", ".fields"): value for name, value in params.items()}
