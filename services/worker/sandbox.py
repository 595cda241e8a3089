"""The SDK's sandbox for workflows, without work that is for nothing here, and with an eye on its costliest trap."""

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from temporalio.client import Client
from temporalio.converter import DataConverter, StorageDriverStoreContext
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import SandboxImportNotificationPolicy

log = logging.getLogger("worker.sandbox")

# Whose frames lie between an import statement and the warning of it.
MACHINERY = ("worker", "warnings", "importlib", "temporalio")
NO_STORE = StorageDriverStoreContext(target=None)


def runner(client: Client, *, sandbox: bool) -> WorkflowRunner:
    """Return what runs the workflows of a worker of ``client``; ``sandbox``: each in a sandbox of its own."""
    if not sandbox:
        log.info("The sandbox is off (WORKER_SANDBOX): nothing stops a workflow from what it cannot replay")
        return UnsandboxedWorkflowRunner()
    return Contextless() if client.data_converter is DataConverter.default else Watched()


class Watched(SandboxedWorkflowRunner):
    """The SDK's sandbox; says which imports of a workflow it will repeat for every run."""

    def prepare_workflow(self, defn: Any) -> None:
        """Load the workflow as a run would; warn of every package from outside the application that is not passed through."""
        policy = SandboxImportNotificationPolicy.WARN_ON_UNINTENTIONAL_PASSTHROUGH
        with _imports_noted() as places:
            SandboxedWorkflowRunner(self.restrictions.with_import_notification_policy(policy)).prepare_workflow(defn)
        own = defn.cls.__module__.partition(".")[0]
        for package, place in places.items():
            if package != own:
                log.warning(
                    "Workflow %s: %s is imported at %s and not passed through, so it is loaded again for every run, which takes"
                    " time and memory; put that import under `with workflow.unsafe.imports_passed_through():`",
                    *(defn.name, package, place),
                )


class Contextless(Watched):
    """For the SDK's own data converter alone, which neither knows a context nor stores anything elsewhere.

    The SDK asks every workflow for the context of each payload, in its sandbox, and then has no use for it.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return the instance of one run, which answers those questions without entering the sandbox."""
        instance = super().create_instance(det)
        vars(instance).update(get_serialization_context=lambda _: None, get_external_store_context=lambda _: NO_STORE)
        return instance


@contextmanager
def _imports_noted() -> Iterator[dict[str, str]]:
    """Collect what the sandbox warns of in the block: the package, and the ``file:line`` that imports it first."""
    places: dict[str, str] = {}

    def note(message: Warning | str, *_: Any, **__: Any) -> None:
        found = re.match(r"Module (\w+)\S* was not intentionally passed through", str(message))
        if found:
            places.setdefault(found[1], _importing_line())

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        yield places


def _importing_line() -> str:
    """Return the ``file:line`` of the import statement that is being executed."""
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in MACHINERY:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
