"""Drills: a load of runs goes on while a fault is made; afterwards every run has exactly one result, the right one."""
