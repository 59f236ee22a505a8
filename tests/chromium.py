"""Chromium without a window, driven by the DevTools protocol over two pipes.

A small client rather than Playwright or Selenium, which want a browser or a driver of one version and bring
megabytes of their own: here any Chromium on the path will do.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # it shows pages of this repository alone, and containers are run by root
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
PATIENCE = 120.0  # seconds until something that should happen is given up

Event = dict[str, Any]


def find_chromium() -> str | None:
    """The program, if there is one on the path."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """A running browser with one page, and all that the page and its workers told."""

    def __init__(self, program: str, profile: Path, *flags: str) -> None:
        to_browser, self._in = os.pipe()
        self._out, from_browser = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]

        def place() -> None:  # the numbers at which Chromium looks for its pipes
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [program, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, preexec_fn=place, pass_fds=(3, 4), stdin=quiet, stdout=quiet, stderr=quiet
        )
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self._last = 0
        self._news = threading.Condition()
        self._answers: dict[int, Event] = {}
        self.events: list[Event] = []
        threading.Thread(target=self._listen, daemon=True).start()
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "DOM"):
            self.tell(f"{domain}.enable")
        self._watch(self.session)

    def send(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """A command, and what it answers."""
        self._last += 1
        number = self._last
        self._write({"id": number, "method": method, "params": parameters, "sessionId": session})
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers, PATIENCE):
                raise TimeoutError(f"Chromium does not answer {method}")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def tell(self, method: str, **parameters: Any) -> Any:
        """A command to the page."""
        return self.send(method, self.session, **parameters)

    def open(self, address: str) -> None:
        """Go to a page; returns when it has loaded."""
        before = len(self.events)
        self.tell("Page.navigate", url=address)
        self.wait_for(lambda: any(e["method"] == "Page.loadEventFired" for e in self.events[before:]))

    def run(self, code: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        told = self.tell("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(json.dumps(told["exceptionDetails"])[:500])
        return told["result"].get("value")

    def until(self, code: str) -> None:
        """Wait until a JavaScript expression is true."""
        self.wait_for(lambda: self.run(code), code)

    def wait_for(self, condition: Callable[[], Any], what: str = "an event") -> None:
        """Look again and again, until it is so."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited for {what}; the page told {self.complaints()}")
            time.sleep(0.05)

    def give_file(self, selector: str, path: Path) -> None:
        """Choose a file, as a person does in the dialog."""
        root = self.tell("DOM.getDocument")["root"]["nodeId"]
        node = self.tell("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.tell("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def downloads_to(self, folder: Path) -> None:
        self.send(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True
        )

    def resize(self, width: int, height: int, *, mobile: bool = False, dark: bool = False) -> None:
        scale = 2 if mobile else 1
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.tell("Emulation.setEmulatedMedia", features=[theme])

    def screenshot(self, *, whole: bool = False) -> bytes:
        """What is seen, or the whole page, as PNG."""
        picture = self.tell("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(picture["data"])

    def requests(self) -> list[str]:
        """Addresses that the page and its workers asked for."""
        sent = [e for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def complaints(self) -> list[str]:
        """Errors of the console, exceptions and violations of the page's policy."""
        found = []
        for event in self.events:
            told = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(told["exceptionDetails"])[:500])
            elif event["method"] == "Log.entryAdded" and told["entry"]["level"] == "error":
                found.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
            elif event["method"] == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
                found.append(json.dumps(told["args"])[:500])
        return found

    def close(self) -> None:
        try:
            self._write({"id": 0, "method": "Browser.close", "params": {}})
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)

    def _watch(self, session: str) -> None:
        """Hear the network and the console of a page or worker, and of the workers that it starts."""
        for domain in ("Network", "Runtime", "Log"):
            self._post(f"{domain}.enable", session)
        options = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
        self._post("Target.setAutoAttach", session, **options)
        self._post("Runtime.runIfWaitingForDebugger", session)

    def _post(self, method: str, session: str, **parameters: Any) -> None:
        """A command whose answer nobody waits for: workers do not know every one."""
        self._last += 1
        self._write({"id": self._last, "method": method, "params": parameters, "sessionId": session})

    def _write(self, message: Event) -> None:
        given = {key: value for key, value in message.items() if value is not None}
        data = json.dumps(given).encode() + b"\0"
        while data:
            data = data[os.write(self._in, data) :]

    def _listen(self) -> None:
        with open(self._out, "rb") as stream:
            rest = b""
            while chunk := stream.read1(2**20):
                *messages, rest = (rest + chunk).split(b"\0")
                for message in map(json.loads, messages):
                    self._hear(message)

    def _hear(self, message: Event) -> None:
        with self._news:
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self.events.append(message)
            self._news.notify_all()
        if message.get("method") == "Target.attachedToTarget":
            self._watch(message["params"]["sessionId"])


@contextmanager
def running(program: str, profile: Path, *flags: str) -> Iterator[Chromium]:
    """A browser that ends with the block."""
    browser = Chromium(program, profile, *flags)
    try:
        yield browser
    finally:
        browser.close()
