"""The sweep that puts digests in the outbox when their time on the wall has come."""

from uuid import UUID

from casework.agenda import services
from casework.background import Job, sweep


@sweep(Job.QUEUE_DIGESTS, every=60.0)
def queue_digests(service_id: UUID) -> None:
    """Queue what is due for everybody of a service; twice does no harm."""
    services.queue_digests(service_id)
