"""Counts, for an hour, how often the identity step failed for one searched value (R32).

A value is counted whether or not anybody gave it, so that the count tells nothing. What travels to
Redis is a keyed digest, gone after the hour; no case and no person is named by it.
"""

import hmac
from hashlib import sha256

from flask import current_app
from limits import parse
from sqlalchemy import func, select

from casework.cases import policy
from casework.cases.searching import Search
from casework.extensions import db, limiter
from casework.security import Actor

LIMIT = parse("5 per hour")
SCOPE = "look-up"


def check_tries(actor: Actor, search: Search) -> None:
    """Let one try at a time pass for this value; raise TooManyFailures when none is left."""
    key = _key(actor, search)
    db.session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))
    if not limiter.limiter.test(LIMIT, SCOPE, key):
        raise policy.TooManyFailures


def count_try(actor: Actor, search: Search) -> bool:
    """Count a try that failed; tell whether it was the last one of the hour."""
    key = _key(actor, search)
    limiter.limiter.hit(LIMIT, SCOPE, key)
    return not limiter.limiter.test(LIMIT, SCOPE, key)


def _key(actor: Actor, search: Search) -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    told = f"look-up:{actor.service_id}:{search.way}:{search.value}"
    return hmac.new(secret, told.encode(), sha256).hexdigest()[:32]
