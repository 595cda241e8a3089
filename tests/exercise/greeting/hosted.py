from greeting import activities
from greeting.workflows import Exercise

WORKFLOWS = [Exercise]
ACTIVITIES = [
    activities.slow,
    activities.plain,
    activities.block,
    activities.fail,
    activities.flaky,
    activities.count,
    activities.loop,
]
