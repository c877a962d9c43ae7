"""The one blueprint of the room; importing its modules puts their routes on it."""

from flask import Blueprint

blueprint = Blueprint("keeping", __name__)
