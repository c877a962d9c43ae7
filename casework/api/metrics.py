"""/metrics for Prometheus: how much is done and how late, without any label that could name somebody.

The numbers come from the database at each scrape: a process can only tell about itself, there are
many of them, and the one that should do the work may be the one that is gone.
"""

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from casework import background
from casework.api import machine
from casework.config import Settings
from casework.followups.services.delivery import LATE_STEPS, Verdict
from casework.security import public

blueprint = Blueprint("metrics", __name__)

LOOPBACK = ("127.0.0.1", "::1")
# A proxy on the same machine brings the whole world from there; it says so in one of these.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
RESULTS = (*(str(verdict) for verdict in Verdict), "claimed", "parked")


class _Numbers(Collector):
    """What was seen, in Prometheus' form."""

    def __init__(self, seen: machine.Seen) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        seen = self._seen
        for name, value, text in (
            ("due", seen.due, "Reminders that are due and in nobody's hands."),
            ("leased", seen.leased, "Reminders that a worker has claimed."),
            ("parked", seen.parked, "Reminders that were tried too often."),
            (
                "oldest_overdue_seconds",
                seen.oldest_overdue.total_seconds(),
                "How long ago the oldest reminder nobody has shown was due.",
            ),
        ):
            yield GaugeMetricFamily(f"casework_reminders_{name}", text, value=value)
        yield self._results()
        yield self._lateness()
        yield from self._sweeps()
        letters = GaugeMetricFamily(
            "casework_letters", "Letters by where they stand.", labels=["status"]
        )
        for status, number in sorted(seen.letters.items()):
            letters.add_metric([status], number)
        yield letters

    def _results(self) -> Metric:
        results = CounterMetricFamily(
            "casework_reminders_handled", "What became of reminders.", labels=["result"]
        )
        for result in RESULTS:
            results.add_metric([result], self._seen.counts[result])
        return results

    def _lateness(self) -> Metric:
        counts, total, buckets = self._seen.counts, 0, []
        for step in (*LATE_STEPS, "more"):
            total += counts[f"late.{step}"]
            buckets.append(("+Inf" if step == "more" else str(step), total))
        late = HistogramMetricFamily(
            "casework_reminder_lateness_seconds", "How long after its time a reminder was shown."
        )
        late.add_metric([], buckets, sum_value=counts["late.seconds"])
        return late

    def _sweeps(self) -> Iterator[Metric]:
        ages = GaugeMetricFamily(
            "casework_sweep_age_seconds", "How long ago a sweep last ran.", labels=["job"]
        )
        taken = CounterMetricFamily("casework_sweeps", "How often a sweep ran.", labels=["job"])
        for job in background.sweeps:
            if job in self._seen.ages:
                ages.add_metric([job], self._seen.ages[job].total_seconds())
            taken.add_metric([job], self._seen.counts[job])
        yield from (ages, taken)


def _may_read() -> bool:
    """Tell whether the visitor has the token; without one, whether it is a program on this machine."""
    settings: Settings = current_app.config["CASEWORK"]
    if settings.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    is_forwarded = any(name in request.headers for name in FORWARDED)
    return request.remote_addr in LOOPBACK and not is_forwarded


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Give the numbers of all services together; whoever may not read them finds no such page."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Numbers(machine.read()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
