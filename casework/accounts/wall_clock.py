"""Times of day as people write them: what a clock on a wall shows, to the minute."""

from datetime import time


def read_time(said: object) -> time:
    """Read a time of day; raise ValueError for anything a wall clock does not show.

    A zone or an offset is refused: it would be taken for the person's own clock, or stop every
    later reading at a change of clocks. Seconds are dropped, as they are when it is kept.
    """
    at = said if isinstance(said, time) else time.fromisoformat(str(said))
    if at.tzinfo is not None:
        raise ValueError("a time on a wall has no zone")
    return at.replace(second=0, microsecond=0)
