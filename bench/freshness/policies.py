"""
When to poll whom: Roost's policy, which is the real one, and its rivals.

A policy is told of polls and reads, and asked when an account is due; an instant that is not
past says: now. The rivals have one knob, an interval that the same price steers, so that
everybody spends the same.
"""

# ruff: noqa: ARG002 (a policy is told and asked the same things, whatever it makes of them)

from math import sqrt

from bench.freshness.people import BEGINS_AT_MS, MINUTE_MS, World
from bench.freshness.purse import Priced
from shared.domain.budget import Window
from shared.domain.interest import Interest, after_poll, after_read
from shared.domain.worth import due_at_ms, pace_at_ms, reserve

NEVER_MS = 1 << 62


class Policy:
    """What all share; this one never polls by itself, which is what the lazy mode does."""

    def __init__(self, world: World) -> None:
        self.polled_at_ms = [0] * len(world.people)

    def polled(self, number: int, new: int, now_ms: int) -> None:
        """Take in that a poll brought so many tweets."""
        self.polled_at_ms[number] = now_ms

    def read(self, number: int, now_ms: int) -> None:
        """Take in that somebody reads."""

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the instant of the account's next poll."""
        return NEVER_MS

    def kept(self, number: int, window: Window, now_ms: int) -> int:
        """Say how many requests of the window are not for polls."""
        return 0


class Fixed(Policy):
    """The 2016 design: everybody once a minute."""

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the instant one minute after the last poll."""
        return self.polled_at_ms[number] + MINUTE_MS


class Even(Policy):
    """Everybody equally often, as often as the budget allows."""

    def __init__(self, world: World, purse: Priced) -> None:
        super().__init__(world)
        self.purse = purse

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the instant at which the interval is over."""
        interval_s = sqrt(2 * self.purse.price.value / self.weight(number))
        return self.polled_at_ms[number] + int(interval_s * 1000)

    def weight(self, number: int) -> float:
        """Say how important the account is; four times as important is polled twice as often."""
        return 1.0


class Aimd(Even):
    """Twice as soon after a poll that brought something, a little later after one that did not."""

    def __init__(self, world: World, purse: Priced) -> None:
        super().__init__(world, purse)
        self.steps = [4.0] * len(world.people)

    def polled(self, number: int, new: int, now_ms: int) -> None:
        """Halve the account's interval, or add one step to it."""
        super().polled(number, new, now_ms)
        step = self.steps[number]
        self.steps[number] = max(1.0, step / 2) if new else min(64.0, step + 1)

    def weight(self, number: int) -> float:
        """Turn the interval's steps into a weight."""
        return 1 / self.steps[number] ** 2


class Learning(Policy):
    """What knows of tweets and reads what Roost knows, by the same code; it has seen older reads too."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.interests = []
        for person in world.people:
            interest = Interest(registered_at_ms=BEGINS_AT_MS - 14 * 24 * 60 * MINUTE_MS)
            for at_ms in person.reads:
                if at_ms < BEGINS_AT_MS:
                    interest = after_read(interest, at_ms)
            self.interests.append(interest)

    def polled(self, number: int, new: int, now_ms: int) -> None:
        """Take in how fast tweets come."""
        self.interests[number] = after_poll(self.interests[number], new, now_ms)

    def read(self, number: int, now_ms: int) -> None:
        """Take in when somebody reads."""
        self.interests[number] = after_read(self.interests[number], now_ms)

    def kept(self, number: int, window: Window, now_ms: int) -> int:
        """Keep what Roost keeps."""
        return reserve(self.interests[number], window, now_ms)


class SqrtRate(Learning):
    """As often as the square root of the tweet rate: the least delay of tweets, whoever reads them."""

    def __init__(self, world: World, purse: Priced) -> None:
        super().__init__(world)
        self.purse = purse

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the instant at which the interval, no longer than six hours, is over."""
        interest = self.interests[number]
        interval_s = sqrt(2 * self.purse.price.value / max(1e-6, interest.tweet_rate))
        return interest.last_polled_at_ms + min(int(interval_s * 1000), 360 * MINUTE_MS)


class Once(Learning):
    """What asks Roost's code once after each poll, as fetchers do, and stays with its answer."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.due = [0] * len(world.people)

    def polled(self, number: int, new: int, now_ms: int) -> None:
        """Make room for a new answer."""
        super().polled(number, new, now_ms)
        self.due[number] = 0

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the instant that was named after the last poll."""
        if not self.due[number]:
            self.due[number] = self.ask(self.interests[number], window, now_ms)
        return self.due[number]

    def ask(self, interest: Interest, window: Window, now_ms: int) -> int:
        """Ask the real code."""
        raise NotImplementedError


class Roost(Once):
    """Roost's policy under the app's budget."""

    def __init__(self, world: World, purse: Priced) -> None:
        super().__init__(world)
        self.purse = purse

    def ask(self, interest: Interest, window: Window, now_ms: int) -> int:
        """Ask when a poll is worth the price of now."""
        return due_at_ms(interest, self.purse.price.value, window, now_ms)


class Paced(Once):
    """Roost's policy where only the person's window binds."""

    def ask(self, interest: Interest, window: Window, now_ms: int) -> int:
        """Ask when the window can bear a poll."""
        return pace_at_ms(interest, window, now_ms)
