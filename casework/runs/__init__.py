"""Long runs: worked on turn by turn, paused, resumed, cancelled, and taken over from a worker that died."""

from casework.runs import models, policy, progress, queries, services

__all__ = ["models", "policy", "progress", "queries", "services"]
