"""Processes that render: the pool, the fork server, the worker, and scenes cut into segments."""
