"""A process that was asked to stop is gone in time, whatever one of its servers does."""

import os
import threading
from collections.abc import Callable

#: Supervisors kill after 15 s (compose.yaml, k8s); by then there is nothing left that waiting would save.
STOP_SECONDS = 9.5


def stop_in_time(stop: Callable[[], None], seconds: float = STOP_SECONDS) -> None:
    """
    Call `stop`, and end this process after so many seconds, should it still be there.

    A broker that hangs can hold a thread for as long as its connection seems alive. Nothing is lost by
    leaving it: what is in hand falls due again with its leases.
    """
    timer = threading.Timer(seconds, os._exit, (1,))
    timer.daemon = True
    timer.start()
    stop()
