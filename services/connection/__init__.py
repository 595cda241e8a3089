"""From the environment to checked settings to a connected client. Nothing else in the stack reads the environment."""
