"""Activities: ordinary Python, free to fail and be retried, free to reach the outside world."""

from temporalio import activity


@activity.defn
async def say_hello(name: str) -> str:
    """Return the greeting for ``name``."""
    # No name in the message: what users send does not belong in logs; the ids that the SDK adds lead to it. DEBUG: the Web UI
    # tells of runs that go well, and a line for each costs CPU.
    activity.logger.debug("Saying hello")
    return f"Hello, {name}!"
