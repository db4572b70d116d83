"""
Minutes in the lives of many people, in which much goes wrong.

Afterwards every timeline is what X shows, or says itself where it may not be.
"""

from tests.e2e import havoc, life

#: Ten minutes pass in one.
SPEED = 10


async def test_every_timeline_is_true_although_x_fails(deploy, broker, tell):
    roost = deploy(speed=SPEED, broker_url=broker, **life.SETTINGS)
    async with life.begin(roost, accounts=500) as lived:
        roost.start()
        await havoc.let_x_fail(lived.people)
        async with havoc.tweets_come_as_they_like(lived.people, lived.everybody, roost.clock, seed=1):
            await lived.go_on(minutes=10)
        roost.stop()
        tell(await life.must_be_true(lived))


async def test_every_timeline_is_true_although_processes_are_killed_and_jobs_come_twice(deploy, broker, tell):
    roost = deploy(speed=SPEED, broker_url=broker, **life.SETTINGS)
    async with life.begin(roost, accounts=500) as lived:
        roost.start(each_job_twice=True)
        await havoc.let_x_fail(lived.people)
        async with (
            havoc.tweets_come_as_they_like(lived.people, lived.everybody, roost.clock, seed=2),
            havoc.processes_are_killed(roost, seed=2),
        ):
            await lived.go_on(minutes=10)
        roost.stop()
        tell(await life.must_be_true(lived))
        assert roost.late_jobs() > len(lived.everybody), "jobs did not come twice"


async def test_every_timeline_is_true_on_the_embedded_broker(deploy, redis_broker, tell):
    roost = deploy(speed=SPEED, broker_url=redis_broker, **life.SETTINGS)
    async with life.begin(roost, accounts=100) as lived:
        roost.start()
        await havoc.let_x_fail(lived.people)
        async with havoc.processes_are_killed(roost, seed=3):
            await lived.go_on(minutes=3)
        roost.stop()
        tell(await life.must_be_true(lived))


async def test_every_timeline_is_true_and_polls_go_on_although_redis_and_the_broker_crash(
    deploy, redis_server, broker_server, broker, tell
):
    roost = deploy(speed=SPEED, broker_url=broker, **life.SETTINGS)
    async with life.begin(roost, accounts=100) as lived:
        roost.start()
        await lived.go_on(minutes=0.5)
        redis_server.kill()
        redis_server.start()
        await lived.go_on(minutes=1)
        broker_server.kill()
        broker_server.start()
        crashed_at_ms = roost.clock.now_ms()
        await lived.go_on(minutes=2)
        roost.stop()
        tell(await life.must_be_true(lived, read_since_ms=crashed_at_ms))
