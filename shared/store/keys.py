"""
Every key in Redis, what it is and when it goes.

An account's keys and its place in the schedule carry their shard as a hash tag
(`{s17}`), so all of them lie in one slot of a cluster and a whole poll commits in
one script. Bodies and what concerns the whole app lie wherever their
name hashes to.

    {s17}:due             zset    account id -> due_at_ms: when each that does not sleep is next due
    {s17}:leases          hash    account id -> number of its lease while it lasts; and the `newest` number
    {s17}:accounts        set     ids of all who are registered
    {s17}:account:<id>    hash    who it is, its credential, its cursors, its window (ACCOUNT_FIELDS)
    {s17}:timeline:<id>   zset    all scores 0, members are tweet ids padded to 19 digits
    {s17}:withheld:<id>   zset    tweets of which X did not show this viewer all that they refer to
    {s17}:arrivals:<id>   stream  what each commit added or removed, about the newest ARRIVALS_KEPT
    {s17}:session:<hash>  hash    whose session it is and what it may do (SESSION_FIELDS); expires by idleness
    {s17}:sessions:<id>   zset    hash of a session token -> when it expires, infinity for an API key;
                                  every session of the account
    {s17}:tries:<hash>    string  tokens for an account (its hash) that did not hold; expires after a minute
    tries:<hash>          string  tokens from an address (its hash) that did not hold; expires likewise
    {s17}:nonce:<hash>    string  empty: something was signed so; expires when it could not be any more
    {s17}:spent:<hash>    hash    the windows that a forgotten account leaves; expires when they reset
    {s17}:settled:<id>    channel there may be something new of it, or a session of it has ended
    asked:<hash>          hash    the users/me window of a credential (its hash); expires when it resets
    login:<hash>          string  a sign-in under way, locked by what its browser holds; goes when it is back
    tweet:<id>, user:<id>, media:<key>, poll:<id>, place:<id>
                          string  a body, compressed; expires after the retention by age
    gone:{tweet:<id>}     string  empty: a tweet deleted at X; expires when no timeline can hold its id;
                                  in the slot of its body, so that one is written before the other is read
    {s17}:datakey:<id>    string  the key that opens the account's credential, wrapped by the operator's
    {s17}:forgotten:<hash>
                          string  empty: this account was forgotten, if a backup still has it; kept where
                                  data keys lie apart, expires after 90 days
    app:keycheck          string  wrapped by the operator's key: tells whether it is the right one
    app:keymark           string  the same chance in the Redis of accounts and in that of their data keys
    {app}:accepted        zset    account id -> when X last accepted it; a sample of the newest
    {app}:refused         zset    account id -> when X last refused it; the newest
    {app}:refreshed       zset    account id -> when X last refreshed its credential
    {app}:unrefreshed     zset    account id -> when X last refused to
    {app}:lateness        hash    place of a bucket -> tweets that surfaced so late, fading; at_ms: up to when
    {app}:billed:<day>    set     ids of the posts that X billed in a UTC day; expires after three
    {app}:bill:<period>   hash    account id -> posts of a UTC day or month that X billed because of it, and
                                  `app` for all; a day's expires after three days, a month's after 400
    {app}:reserved:<day>  hash    account id -> posts that its poll asked for and was not yet told of, and
                                  when, account id and `?` likewise for its check, and `app` for all;
                                  expires after three days
    {app}:price           hash    what a poll must be worth, and the app's bucket of requests (PRICE_FIELDS)
    {app}:claims          hash    tokens, at_ms: how many accounts may be claimed now; expires after a minute
    {app}:faults          zset    account id -> when X first failed it since it last accepted anybody;
                                  expires after a minute
    {app}:breaker         hash    opened_at_ms, wait_ms, next_at_ms: X is out, and when the next canary is
                                  polled; gone when X answers, expires ten minutes after the last fault
    {app}:stopped         string  why X refuses the whole app; expires when it may be asked again
    {app}:strikes         set     accounts for which X has said so lately; expires likewise
"""

import hashlib

from shared.domain.account import SHARDS, AccountId, shard_of

#: An id is written with this many digits, so that order by text is order by number:
#: the largest signed 64-bit integer has 19.
ID_DIGITS = 19

#: Arrivals are for listeners that were away for moments; older ones read the timeline again.
ARRIVALS_KEPT = 200

#: In one slot, for several of them are weighed in one script.
APP_STOPPED = "{app}:stopped"
APP_STRIKES = "{app}:strikes"
APP_ACCEPTED = "{app}:accepted"
APP_REFUSED = "{app}:refused"
APP_REFRESHED = "{app}:refreshed"
APP_UNREFRESHED = "{app}:unrefreshed"
APP_LATENESS = "{app}:lateness"
APP_PRICE = "{app}:price"
APP_CLAIMS = "{app}:claims"
APP_FAULTS = "{app}:faults"
APP_BREAKER = "{app}:breaker"
KEY_MARK = "app:keymark"
KEY_CHECK = "app:keycheck"

ACCOUNT_FIELDS = {
    "username": "the handle, as X gave it at the last registration",
    "name": "the display name, likewise",
    "standing": "active or paused",
    "registered_at_ms": "when it was first registered",
    "credential": "what the person entrusted to us, sealed",
    "refreshing": "number of the lease under which X was asked for a new credential, or `restored` where it "
    "may have been since a backup; gone when that is here",
    "parked": "why X refuses the account for good, in one word; empty while it does not",
    "strikes": "polls in which X refused it since the last page",
    "struck_at_ms": "when the first of these was",
    "newest": "newest tweet id seen, padded",
    "floor": "nothing is claimed at or below this id, padded",
    "gaps": "ids never read, as older-newer pairs, newest first; -x after one that is unfillable",
    "as_of_ms": "when X was last asked for the newest tweets and answered",
    "window_limit": "requests a window holds, as X last said",
    "window_left": "requests left in this window",
    "window_resets_at_ms": "when this window ends",
    "window_assumed": "1 until X has told when this window ends",
    "lookup_limit": "questions about ids that X's window for them holds",
    "lookup_left": "questions left in it",
    "lookup_resets_at_ms": "when it ends",
    "lookup_assumed": "1 until X has told when it ends",
    "outcome": "what the last poll came to, in one word",
    "failures": "polls in a row that brought no page",
    "mode": "how its money is spent, archive, fresh or lazy; gone while it is the deployment's",
    "interest": "how fast tweets come and when its person reads, as `domain/interest.py` writes it",
    "read_at_ms": "when its person last read, exact to a minute",
    "reads": "instants of reads that no poll has taken in yet",
    "wanted": "what a reader waits for: 0 for what is new, or the newer end of a gap; a poll takes it",
    "asleep": "1 while only a reader makes it be polled",
    "unhurried": "gaps that end at or below this id are filled only for a reader",
    "owed": "tweets still to be read back for one who has returned; empty while nobody has",
    "recheck_at_ms": "when to look again, after a check that X did not answer whole",
    "checked_at_ms": "when what is held was last compared with X to find what was deleted",
}

PRICE_FIELDS = {
    "value": "what a poll must be worth, in seconds that readers are spared",
    "rate": "requests a second that the price is steered to",
    "spending": "requests a second that are made, averaged over ten minutes",
    "debt": "requests made too many, and too few when negative",
    "adjusted_at_ms": "when the price was last adjusted",
    "spent": "requests taken since then",
    "tokens": "requests in the bucket then",
    "filling": "requests a second that it is filled with",
    "reserve": "requests that polls leave in it to those who read",
    "daily": "most requests of a UTC day; 0 for no limit",
    "day": "the UTC day, counted from the epoch's",
    "day_spent": "requests taken in it",
    "accounts": "accounts that do not sleep",
}

SESSION_FIELDS = {
    "account": "whose it is",
    "kind": "browser, app or key",
    "scopes": "what it may do: timeline:read, account:write, or both with a space between",
    "name": "what its owner calls an API key; empty for others",
    "made_at_ms": "when it was begun",
    "used_at_ms": "when it was last used, exact to a minute; 0 for an API key never used",
    "idle_ms": "it expires so long after its last use; 0 for never",
    "calls": "how often it has asked the gateway in its window",
    "calls_reset_at_ms": "when this window ends",
}


def due(shard: int) -> str:
    """Name the schedule of a shard."""
    return f"{{s{shard}}}:due"


def leases(shard: int) -> str:
    """Name the leases of a shard."""
    return f"{{s{shard}}}:leases"


def accounts(shard: int) -> str:
    """Name the list of a shard's accounts."""
    return f"{{s{shard}}}:accounts"


def account(account_id: AccountId) -> str:
    """Name the account's own hash."""
    return f"{{s{shard_of(account_id)}}}:account:{account_id}"


def data_key(account_id: AccountId) -> str:
    """Name the account's data key."""
    return f"{{s{shard_of(account_id)}}}:datakey:{account_id}"


def forgotten(account_id: AccountId) -> str:
    """Name the note that an account was forgotten; the name does not tell the id."""
    return f"{{s{shard_of(account_id)}}}:forgotten:{_hashed(account_id)}"


def timeline(account_id: AccountId) -> str:
    """Name the account's timeline."""
    return f"{{s{shard_of(account_id)}}}:timeline:{account_id}"


def withheld(account_id: AccountId) -> str:
    """Name the tweets of the account's timeline that X showed it only in part."""
    return f"{{s{shard_of(account_id)}}}:withheld:{account_id}"


def arrivals(account_id: AccountId) -> str:
    """Name the account's stream of arrivals."""
    return f"{{s{shard_of(account_id)}}}:arrivals:{account_id}"


def sessions(account_id: AccountId) -> str:
    """Name the list of the account's sessions."""
    return f"{{s{shard_of(account_id)}}}:sessions:{account_id}"


def session(account_id: AccountId, token_hash: str = "") -> str:
    """Name one session of the account; without a hash, what all their names begin with."""
    return f"{{s{shard_of(account_id)}}}:session:{token_hash}"


def tries_for(account_id: AccountId) -> str:
    """Name the failed tries for an account, whose id the name does not spell out."""
    return f"{{s{shard_of(account_id)}}}:tries:{_hashed(account_id)}"


def tries_from(address_hash: str) -> str:
    """Name the failed tries from an address."""
    return f"tries:{address_hash}"


def nonce(account_id: AccountId, hashed: str) -> str:
    """Name what was signed with a nonce."""
    return f"{{s{shard_of(account_id)}}}:nonce:{hashed}"


def spent(account_id: AccountId) -> str:
    """Name the window that an account leaves behind; the name does not tell the id."""
    return f"{{s{shard_of(account_id)}}}:spent:{_hashed(account_id)}"


def asked(credential_hash: str) -> str:
    """Name the users/me window of one credential."""
    return f"asked:{credential_hash}"


def billed(day: str) -> str:
    """Name the posts that X billed in a UTC day."""
    return f"{{app}}:billed:{day}"


def bill(period: str) -> str:
    """Name the bill of a UTC day or month."""
    return f"{{app}}:bill:{period}"


def reserved(day: str) -> str:
    """Name the posts of a UTC day that were asked for and not yet told of."""
    return f"{{app}}:reserved:{day}"


def gone(tweet_id: int) -> str:
    """Name the tombstone of a tweet that was deleted at X."""
    return f"gone:{{tweet:{tweet_id}}}"


def login(state_hash: str) -> str:
    """Name a sign-in under way."""
    return f"login:{state_hash}"


def settled(account_id: AccountId) -> str:
    """Name the channel on which a poll of the account tells that there may be something new."""
    return f"{{s{shard_of(account_id)}}}:settled:{account_id}"


def shards() -> range:
    """List the shards."""
    return range(SHARDS)


def padded(tweet_id: int) -> str:
    """Write an id so that text order is number order."""
    return str(tweet_id).zfill(ID_DIGITS)


def _hashed(account_id: AccountId) -> str:
    return hashlib.sha256(str(account_id).encode()).hexdigest()
