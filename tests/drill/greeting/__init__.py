"""The drills' application, in the place of services/greeting, hosted by the unchanged worker and started by the starter."""
