"""What a navigator fills in for an ordinary first contact."""

from typing import Any

LONG_NOTE = "x" * 100_000


def answers(**changes: Any) -> dict[str, Any]:
    """Give the fields of an ordinary contact, changed; None takes a field away."""
    fields: dict[str, Any] = {
        "spoken": "en",
        "keep": "yes",
        "call_back": "yes",
        "share": "needs",
        "phone": "514-555-0142",
        "safe_name": "Maya",
        "voicemail": "never",
        "times": ["morning"],
        "days": "weekdays",
        "time_zone": "America/Toronto",
        "needs": ["food"],
        "adults": "1",
        "children": "0",
        "channel": "phone",
        "first_call": "usual",
        "then": "plan",
    }
    fields.update(changes)
    return {name: value for name, value in fields.items() if value is not None}
