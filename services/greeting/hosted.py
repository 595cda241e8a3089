"""What the worker registers."""

from greeting.activities import say_hello
from greeting.workflows import SayHello

WORKFLOWS = [SayHello]
ACTIVITIES = [say_hello]
