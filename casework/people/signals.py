"""News that travels upwards from people: a consent no longer holds."""

from blinker import Signal

# consent_ended.send(person_id, purpose=Purpose, end=ConsentEnd, actor=Actor), inside the
# transaction that ends it; end is WITHDRAWN or EXPIRED. When keep_case ends, all other purposes
# are announced before it. Of share_with_partner one answer may end while another still holds:
# whoever hears it asks people.services.open_sharing_consent about each of their referrals (R4).
consent_ended = Signal()
