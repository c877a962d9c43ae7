"""What it costs, measured on this machine: `make bench` runs everything, ARGS=vault one part."""
