"""The news this room sends upward."""

from blinker import Signal

# Sent inside the transaction, after the event is written: sender is the referral, keywords are
# event (ReferralEvent) and actor.
referral_changed = Signal("referral-changed")
