"""The blueprint all pages of this room share."""

from flask import Blueprint

blueprint = Blueprint("referrals", __name__)
