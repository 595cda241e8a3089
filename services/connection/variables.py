"""Every environment variable the Python code reads, with its default. `.env.example` says the same to people; a test compares.

The ``TEMPORAL_*`` names are the standard ones of the SDKs and the CLI (temporalio.envconfig), with their meaning, except for
those marked as the stack's own.
"""

DEFAULTS = {
    # Which server, as whom
    "TEMPORAL_SERVER": "dev",  # own
    "TEMPORAL_ADDRESS": "",  # unset: the stack's own server
    "TEMPORAL_NAMESPACE": "default",
    "TEMPORAL_TASK_QUEUE": "my-task-queue",  # own
    "TEMPORAL_UI_URL": "",  # own
    "TEMPORAL_API_KEY": "",
    "TEMPORAL_API_KEY_FILE": "",  # own
    "TEMPORAL_TLS": "",
    "TEMPORAL_TLS_SERVER_NAME": "",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH": "",
    "TEMPORAL_TLS_SERVER_CA_CERT_DATA": "",
    "TEMPORAL_TLS_CLIENT_CERT_PATH": "",
    "TEMPORAL_TLS_CLIENT_CERT_DATA": "",
    "TEMPORAL_TLS_CLIENT_KEY_PATH": "",
    "TEMPORAL_TLS_CLIENT_KEY_DATA": "",
    "TEMPORAL_CONFIG_FILE": "",
    "TEMPORAL_PROFILE": "",
    "TEMPORAL_COMPRESSION": "auto",  # own
    # Where this stack's own server is published on the host
    "SERVER_PORT": "7233",
    "UI_PORT": "8233",
    # How long it keeps runs; read by services/server/start
    "SERVER_RETENTION": "24h",
    # The worker
    "WORKER_CONNECT_SECONDS": "120",
    "WORKER_GRACE_SECONDS": "20",
    "WORKER_STALL_SECONDS": "60",
    "WORKER_ACTIVITY_SLOTS": "100",
    "WORKER_WORKFLOW_SLOTS": "100",
    "WORKER_CACHED_WORKFLOWS": "1000",
    "WORKER_POLLERS": "5",
    "WORKER_SANDBOX": "on",
    "WORKER_EVENT_LOOP": "uvloop",
    "WORKER_CORE_THREADS": "1",
    # Logs
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "text",
}

# Read by the Compose files alone; here so that a misspelt one is noticed.
COMPOSE = frozenset(
    {
        "COMPOSE_PROJECT_NAME",
        "WORKER_REPLICAS",
        *(f"{service}_{limit}" for service in ("SERVER", "WORKER", "STARTER") for limit in ("MEMORY", "CPUS")),
        "WORKER_PIDS",
    }
)
# Said by the Compose files and `make doctor`, not by people.
INTERNAL = frozenset(
    {
        "STACK_SETS",  # in a container of the stack: the variables whose value is the stack's own
        "STACK_CALLER",  # the variables that were set in the environment of who called `make doctor`
        "STACK_WITHHELD",  # secrets that were set, and not passed on: `docker inspect` would show them
    }
)
# Name files. A relative path in .env starts at the folder of .env, for Python as for Compose.
PATHS = frozenset(name for name in DEFAULTS if name.endswith(("_PATH", "_FILE")))
GRPC_META = "TEMPORAL_GRPC_META_"
SECRETS = frozenset({"TEMPORAL_API_KEY", "TEMPORAL_TLS_CLIENT_KEY_DATA", "TEMPORAL_TLS_CLIENT_CERT_DATA"})


def is_known(name: str) -> bool:
    """Tell whether ``name`` is a variable this code reads."""
    return name in DEFAULTS or name in COMPOSE or name in INTERNAL or name.startswith(GRPC_META)


def is_secret(name: str) -> bool:
    """Tell whether the value of ``name`` must never be shown; gRPC headers often carry credentials."""
    return name in SECRETS or name.startswith(GRPC_META)


def misspelt(name: str) -> str | None:
    """Return the variable that the unknown ``name`` is a near miss of, or None.

    The application and other tools have variables too, so only a near miss counts: a similarity of 0.9, which is one wrong
    letter in the shorter names, two in the longer ones.
    """
    if is_known(name):
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - for the rare case alone

    return next(iter(get_close_matches(name, [*DEFAULTS, *COMPOSE], n=1, cutoff=0.9)), None)
