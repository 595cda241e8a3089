"""Starts one run of the application's workflow and prints its result."""
