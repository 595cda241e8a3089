"""The same as bench/waiting, and its workflows' module imports a third-party package that is not passed through."""
