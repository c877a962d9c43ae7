"""How a process that serves keeps its memory: what was loaded at the start stays for good."""

import gc

# So many new objects before the collector looks: a page of two hundred rows makes tens of thousands,
# and nearly all of them go by themselves when it was sent.
YOUNG, MIDDLE, OLD = 50_000, 20, 20


def settle() -> None:
    """Take all that is loaded out of the garbage collector's sight; call it once, after start.

    Looking through every module and template again for each few pages was a quarter of the time
    of My day. Processes forked afterwards share that memory for longer, too.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
