"""Reads what others publish about their agencies, and writes it into the directory."""
