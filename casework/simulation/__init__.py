"""The safety simulator: years of invented lives on the real services, judged by what was truly said."""
