"""A worker that does what it is sent and has no clock of its own: the story turns the sweeps.

Its clock would see hours pass at each step of a story, and take the turns that beat seems to miss.
"""

from casework import create_app

celery = create_app().extensions["celery"]
