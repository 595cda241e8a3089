"""Measures this stack against the Hello World tutorial's worker and starter on the stock dev server."""
