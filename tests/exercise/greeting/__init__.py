"""An application of the tests' own in the place of services/greeting, hosted by the unchanged worker and starter."""
