"""What the tests of accounts share: a count of failures that begins at nought."""

from collections.abc import Iterator

import pytest
from flask import Flask

from casework.extensions import limiter


@pytest.fixture(autouse=True)
def _nobody_has_failed_yet(app: Flask) -> Iterator[None]:
    was_enabled, limiter.enabled = limiter.enabled, True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = was_enabled
