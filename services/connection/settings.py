"""Checked settings from an environment; every error at once, each one line for a person."""

from dataclasses import dataclass, field

from temporalio.envconfig import ClientConnectConfig

from connection.environment import DotenvError, Environment, read_environment
from connection.reader import Reader, duration, one_of, ui_url, whole
from connection.server import server_settings
from connection.variables import misspelt

# The stack's own server, by its name in the stack's network or on the host, and any other on this machine.
NEAR = ("server", "localhost", "127.0.0.1", "[::1]")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")


class SettingsError(Exception):
    """The environment cannot be used; ``problems`` holds one line for each thing wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        """Keep ``problems``, each naming the variable, what it holds and the mend."""
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """All that worker, starter and the embedded stack are told from outside. Times are in seconds."""

    connect: ClientConnectConfig = field(repr=False)  # arguments of Client.connect; may hold secrets
    address: str
    namespace: str
    task_queue: str
    compression: bool
    ui_url: str | None  # without a trailing slash; None: there is no Web UI to link to
    server_port: int
    ui_port: int
    retention: str  # as server/start takes it
    connect_seconds: int
    grace_seconds: int
    stall_seconds: int  # 0: never
    activity_slots: int
    workflow_slots: int
    cached_workflows: int
    pollers: int
    sandbox: bool
    event_loop: str
    core_threads: int  # 0: as many as CPUs
    log_level: str
    log_format: str


def check(environment: Environment) -> Settings:
    """Return the settings that ``environment`` holds; raise SettingsError with every problem in it."""
    reader = Reader(environment)
    for name in environment:
        if meant := misspelt(name):
            reader.problems.append(f"{name} is no variable of this stack; did you mean {meant}? Rename or remove it")
    server_port = reader.read("SERVER_PORT", whole(1, 65535), 7233)
    ui_port = reader.read("UI_PORT", whole(1, 65535), 8233)
    server = reader.read("TEMPORAL_SERVER", one_of("dev", "remote"), "dev")
    connect = server_settings(environment, server, server_port, reader.problems)
    compression = reader.read("TEMPORAL_COMPRESSION", one_of("auto", "on", "off"), "auto")
    near = server == "dev" and connect.get("target_host", "").rpartition(":")[0] in NEAR
    if environment.is_set("TEMPORAL_UI_URL"):
        link = reader.read("TEMPORAL_UI_URL", ui_url, None)
    else:  # of a server elsewhere it is not known
        link = f"http://localhost:{ui_port}" if near else None
    settings = Settings(
        connect=connect,
        address=connect.get("target_host", ""),
        namespace=connect.get("namespace", ""),
        task_queue=environment.get("TEMPORAL_TASK_QUEUE"),
        compression=compression == "on" or (compression == "auto" and not near),
        ui_url=link,
        server_port=server_port,
        ui_port=ui_port,
        retention=reader.read("SERVER_RETENTION", duration, ""),
        connect_seconds=reader.read("WORKER_CONNECT_SECONDS", whole(1, 86400), 1),
        grace_seconds=reader.read("WORKER_GRACE_SECONDS", whole(0, 86400), 0),
        stall_seconds=reader.read("WORKER_STALL_SECONDS", whole(0, 86400), 0),
        activity_slots=reader.read("WORKER_ACTIVITY_SLOTS", whole(1, 10000), 1),
        workflow_slots=reader.read("WORKER_WORKFLOW_SLOTS", whole(2, 10000), 2),
        cached_workflows=reader.read("WORKER_CACHED_WORKFLOWS", whole(0, 1000000), 0),
        pollers=reader.read("WORKER_POLLERS", whole(2, 1000), 2),
        sandbox=reader.read("WORKER_SANDBOX", one_of("on", "off"), "on") == "on",
        event_loop=reader.read("WORKER_EVENT_LOOP", one_of("uvloop", "asyncio"), "asyncio"),
        core_threads=reader.read("WORKER_CORE_THREADS", whole(0, 256), 0),
        log_level=reader.read("LOG_LEVEL", lambda value: one_of(*LOG_LEVELS)(value.upper()), "INFO"),
        log_format=reader.read("LOG_FORMAT", one_of(*LOG_FORMATS), "text"),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def read() -> Environment:
    """Return the environment of this process over the nearest `.env`; raise SettingsError when that is not readable."""
    try:
        return read_environment()
    except OSError as error:
        raise SettingsError([f"{error.filename} cannot be read: {error.strerror}"]) from None
    except DotenvError as error:
        raise SettingsError([str(error)]) from None
    except UnicodeDecodeError:
        raise SettingsError([".env is not UTF-8 text; save it as UTF-8"]) from None


def load() -> Settings:
    """Return the checked settings of this process; raise SettingsError."""
    return check(read())
