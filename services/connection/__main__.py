"""`python -m connection`: check the settings, and say everything that is wrong with them. `make up` does it before it acts."""

from connection.leave import Exit, complain, leave
from connection.settings import SettingsError, load

try:
    load()
except SettingsError as error:
    complain("settings", str(error))
    leave(Exit.USAGE)
leave(Exit.OK)
