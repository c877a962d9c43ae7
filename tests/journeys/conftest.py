"""Two stages for the stories: one that rolls back, and one with a real worker."""

from typing import Any

import pytest
from flask import Flask

from casework.extensions import limiter
from tests.journeys.people_of_the_story import Navigator
from tests.journeys.stage import RolledBack, Stage, WithWorker
from tests.processes.conftest import House, Post, post
from tests.processes.conftest import house as house
from tests.world import World

__all__ = ["house", "post"]


@pytest.fixture
def stage(app: Flask, world: World, db: Any) -> Stage:
    """Give a stage of one transaction: Tuesday 24 November 2026, 10 in the morning in Toronto."""
    limiter.reset()
    return RolledBack(app, world, db)


@pytest.fixture
def live(house: House, post: Post) -> Stage:
    """Give a stage with a real worker, at the same moment."""
    return WithWorker(house, post)


@pytest.fixture
def amina(stage: Stage) -> Navigator:
    """Give Amina, at her desk on the stage that rolls back."""
    return Navigator(stage, stage.world.amina)


@pytest.fixture
def louis(stage: Stage) -> Navigator:
    """Give Louis, her colleague, who reads these pages in English."""
    navigator = Navigator(stage, stage.world.louis)
    navigator.my_day()
    navigator.browser.press("/language")
    return navigator
