from greeting import activities
from greeting.workflows import Errand

WORKFLOWS = [Errand]
ACTIVITIES = [activities.quick, activities.slow, activities.hoard, activities.block]
