"""The Temporal Hello World tutorial's application. Replace this package by your own; `application.py` names it."""
