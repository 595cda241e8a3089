"""What a user sees in the Web UI after the first run. With PICTURES=1 the README's pictures are written from it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright

from checkout import Stack
from support import ROOT

PICTURES = ROOT / "docs" / "pictures"
# As root and in a container Chromium has neither sandbox nor GPU; what it would fetch for itself is no part of the test.
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update"]

# A bound for a machine with other things to do; the page itself takes a second.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    fresh = Stack(tmp_path_factory.mktemp("checkout"), "browser")
    try:
        fresh.up()
        yield fresh
    finally:
        fresh.remove()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield chromium
        chromium.close()


def open_page(browser: Browser, scheme: str) -> Page:
    page = browser.new_page(
        viewport={"width": 1440, "height": 720},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-US",
        timezone_id="UTC",
    )
    page.set_default_timeout(30_000)

    def fetch(route: Route) -> None:
        """Fetch for the browser, from this machine alone.

        Chromium itself gives up what it is loading whenever a network interface comes or goes (ERR_NETWORK_CHANGED), and with
        every container that other tests start one does.
        """
        if "://localhost:" not in route.request.url:
            route.abort()
            return
        with suppress(Error):  # the page was left meanwhile
            route.fulfill(response=route.fetch())

    page.route("**/*", fetch)
    return page


def picture(page: Page, name: str) -> None:
    if os.environ.get("PICTURES") == "1":
        page.wait_for_load_state("networkidle")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def test_the_starters_link_shows_the_run_the_list_and_the_worker(stack: Stack, browser: Browser) -> None:
    done = stack.compose("run", "--rm", "starter", "--name", "Temporal")
    assert done.stdout == "Result: Hello, Temporal!\n"
    link = re.search(
        rf"http://localhost:{stack.ui_port}/namespaces/default/workflows/(say-hello-[\w-]+)/([\w-]+)/history", done.stderr
    )
    assert link, done.stderr
    workflow_id, run_id = link.groups()
    worker = f"1@{stack.containers('worker')[0]['Config']['Hostname']}"

    for scheme in ("light", "dark"):
        page = open_page(browser, scheme)
        page.goto(link[0])
        expect(page.get_by_role("heading", name=workflow_id)).to_be_visible()
        expect(page.get_by_text("Completed", exact=True).first).to_be_visible()
        for heading, value in (("Input", '"Temporal"'), ("Result", '"Hello, Temporal!"')):
            block = page.locator("main div").filter(has=page.get_by_text(heading, exact=True)).filter(has_text=value)
            expect(block.last).to_be_visible()
        expect(page.get_by_text("Workflow Execution Completed")).to_be_visible()
        picture(page, f"run-{scheme}")

        page.get_by_role("link", name="Back to Workflows").click()
        row = page.get_by_role("row").filter(has_text=workflow_id)
        expect(row).to_contain_text(run_id)
        expect(row).to_contain_text("Completed", ignore_case=True)
        expect(row).to_contain_text("SayHello")
        picture(page, f"list-{scheme}")

        page.goto(link[0])
        page.get_by_role("link", name="my-task-queue").first.click()
        page.get_by_role("button", name="Pollers").click()
        expect(page.get_by_role("row").filter(has_text=worker)).to_be_visible()
        page.close()
