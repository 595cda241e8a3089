"""Copies the server's history to one file and puts it back; runs where the history's folder is, as the user that owns it."""
