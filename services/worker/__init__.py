"""Hosts the application's workflows and activities on a task queue until it is told to stop."""
