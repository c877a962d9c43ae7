"""The sweeps of the people room: consents that end, and warnings before they do."""

import uuid

from casework.background import Job, sweep
from casework.people import services
from casework.security import Actor


@sweep(Job.END_CONSENTS, every=60)
def end_consents(service_id: uuid.UUID) -> None:
    """End what has expired."""
    services.end_expired(Actor.system(service_id))


@sweep(Job.WARN_OF_CONSENTS, every=900)
def warn_of_consents(service_id: uuid.UUID) -> None:
    """Warn of what ends within three days."""
    services.warn_of_expiry(Actor.system(service_id))
