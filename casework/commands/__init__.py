"""Everything done from a shell; the `casework` command line itself stands in casework/__main__.py."""
