"""The news cases tell upwards: a case is about to close, and a case has closed."""

from blinker import Namespace

_signals = Namespace()

# Sent with case= and actor=; a receiver may raise Refused, and the case then stays open.
case_closing = _signals.signal("case-closing")
# Sent with case= and actor= in the transaction that closed it.
case_closed = _signals.signal("case-closed")
