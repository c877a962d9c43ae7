"""The stories of people, told over HTTP with CSRF on, through the real worker where a job is involved."""
