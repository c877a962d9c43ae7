"""The sentences to say aloud, written for a service on its first day (R2)."""

from casework.accounts.models import Service
from casework.extensions import db
from casework.people.models import ConsentWording
from casework.people.wordings import DEFAULT


def write_default_wordings(service: Service) -> None:
    """Give a new service its first version of each sentence, in both languages (R2)."""
    for purpose, texts in DEFAULT.items():
        for language, text in zip(("en", "fr"), texts, strict=True):
            db.session.add(
                ConsentWording(
                    service_id=service.id,
                    purpose=purpose,
                    language=language,
                    version=1,
                    text=text,
                    is_current=True,
                )
            )
    db.session.flush()
