"""Every test of the room begins with no failed try counted."""

import pytest
from flask import Flask

from casework.extensions import limiter


@pytest.fixture(autouse=True)
def nothing_tried_yet(app: Flask) -> None:
    """Forget the tries that other tests counted in Redis."""
    limiter.limiter.storage.reset()
