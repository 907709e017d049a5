"""A real headless Chromium, driven over two pipes by its own protocol."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars",
]  # fmt: skip


def chromium() -> str | None:
    """Return the program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One page; every call waits for its answer."""

    def __init__(self, down: BinaryIO, up: BinaryIO) -> None:
        self._down, self._up, self._number = down, up, 0
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.said: list[str] = []
        self._ask("Runtime.enable")
        self._ask("Page.enable")

    def open(self, path: Path, width: int, height: int) -> None:
        """Open a file in a window of a size."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        self._ask("Page.navigate", url=path.resolve().as_uri())

    def evaluate(self, code: str) -> Any:
        """Return what an expression, or the promise that it is, comes to."""
        found = self._ask("Runtime.evaluate", expression=code, awaitPromise=True,
                          returnByValue=True)  # fmt: skip
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:2000])
        return found["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Return as soon as an expression is true; the page itself looks again and again."""
        self.evaluate(
            f"new Promise((done) => {{ const look = () => ({condition}) ? done(1) "
            ": setTimeout(look, 100); look(); })"
        )

    def screenshot(self) -> str:
        """Return the window as base64 of a PNG."""
        return str(self._ask("Page.captureScreenshot", format="png")["data"])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._down.write(json.dumps(message).encode() + b"\0")
        self._down.flush()
        while True:
            answer = self._next()
            if answer.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
                self.said.append(json.dumps(answer["params"])[:500])
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._up.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("Chromium has ended")
            data += byte
        return dict(json.loads(data))


def _high(descriptor: int) -> int:
    """Return a descriptor above those that the browser's own ends take."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


@contextmanager
def page() -> Iterator[Page]:
    """Start Chromium and yield its page."""
    to_browser, from_us = map(_high, os.pipe())
    from_browser, to_us = map(_high, os.pipe())

    def connect() -> None:  # Chromium reads from its descriptor 3 and writes to 4
        os.dup2(to_browser, 3)
        os.dup2(to_us, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            chromium() or NAMES[0],
            *FLAGS,
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(
            command, preexec_fn=connect, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(to_us)
        try:
            with os.fdopen(from_us, "wb") as down, os.fdopen(from_browser, "rb") as up:
                yield Page(down, up)
        finally:
            process.terminate()
            process.wait()
