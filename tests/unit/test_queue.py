"""The one message stays what it was: schedulers and fetchers of two versions understand each other."""

import json

from shared import queue
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease


class Wire:
    """A broker that keeps what it is given as it would be sent."""

    def enqueue(self, message):
        self.sent = json.loads(message.encode())


def test_a_message_has_the_form_that_fetchers_of_before_take():
    wire, before_ms = Wire(), Clock().now_ms()

    queue.send(wire, [Lease(AccountId(12), 3), Lease(AccountId(2**63 - 1), 4)])

    sent_at_ms, name = wire.sent.pop("message_timestamp"), wire.sent.pop("message_id")
    assert wire.sent == {
        "queue_name": "polls",
        "actor_name": "poll",
        "args": [[["12", 3], ["9223372036854775807", 4]]],
        "kwargs": {},
        "options": {},
    }
    assert name
    assert before_ms <= sent_at_ms <= Clock().now_ms()
