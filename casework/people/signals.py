"""News that travels upwards from people: a consent no longer holds, a record was changed."""

from blinker import Signal

# consent_ended.send(person_id, purpose=Purpose, end=ConsentEnd, actor=Actor), inside the
# transaction that ends it; end is WITHDRAWN or EXPIRED. When keep_case ends, all other purposes
# are announced before it. Of share_with_partner one answer may end while another still holds:
# whoever hears it asks people.services.open_sharing_consent about each of their referrals (R4).
consent_ended = Signal()

# person_changed.send(person_id, what="plan" | "consent" | "details" | "sensitive", actor=Actor),
# after the write and inside its transaction. Agreed hours may be others now, also when a phone was
# changed (R33); of "sensitive" hears whoever keeps something of the person in clear (R16, R19).
person_changed = Signal()
