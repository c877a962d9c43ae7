"""The news cases tell upwards: a case is about to close, has closed, or is being erased."""

from blinker import Namespace

_signals = Namespace()

# Sent with case= and actor=; a receiver may raise Refused, and the case then stays open.
case_closing = _signals.signal("case-closing")
# Sent with case= and actor= in the transaction that closed it.
case_closed = _signals.signal("case-closed")
# Sent with case= and actor= before anything is erased. A receiver takes its rows of the case for
# itself without waiting, or raises; it gives back the act that erases them, called once all
# receivers hold theirs. The act gives the ids that messages in the broker may name.
case_erasing = _signals.signal("case-erasing")
