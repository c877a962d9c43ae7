"""What may be asked about keeping: rules, what is past its time, and what an erasure would take."""

from casework.keeping.queries.footprint import footprint
from casework.keeping.queries.retention import days_of, past_time, report, rules

__all__ = ["days_of", "footprint", "past_time", "report", "rules"]
