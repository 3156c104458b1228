"""The system's time of day; the only module that reads it."""

import time


class SystemClock:
    """The `Clock` of a real node."""

    def now_unix_s(self) -> int:
        """Return whole seconds since 1970."""
        return int(time.time())

    def now_unix_ns(self) -> int:
        """Return nanoseconds since 1970."""
        return time.time_ns()
