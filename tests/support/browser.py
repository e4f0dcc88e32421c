"""Chromium without a display, driven over its DevTools pipe (Debian package chromium-headless-shell)."""

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import struct
import tempfile
import zlib

from support.daemon import LIMIT

PROGRAM = "chromium-headless-shell"


def is_installed():
    return shutil.which(PROGRAM) is not None


class Browser:
    """One page. `problems`: what it reported while it was loaded: console lines, exceptions, violations of the
    Content-Security-Policy, requests other than that for the page itself."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="sqlgrey-browser-")
        commands, self.to_browser = os.pipe()
        self.from_browser, answers = os.pipe()
        # The browser reads commands from descriptor 3 and writes answers to descriptor 4. Above 9 neither is in the way.
        above = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in (commands, answers)]
        self.process = subprocess.Popen(
            ["bash", "-c", f"exec 3<&{above[0]} 4>&{above[1]}; exec \"$@\"", "bash", PROGRAM, "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.profile}", "--remote-debugging-pipe"],
            pass_fds=above, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        for descriptor in (commands, answers, *above):
            os.close(descriptor)
        self.waiting = b""
        self.number = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def close(self):
        os.close(self.to_browser)
        os.close(self.from_browser)
        # Its children are of its process group.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.waiting:
            more = os.read(self.from_browser, 1 << 20)
            assert more, "the browser has ended"
            self.waiting += more
        line, self.waiting = self.waiting.split(b"\0", 1)
        return json.loads(line)

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url="file://" + path)
        self.wait_for("Page.loadEventFired")

    def problems(self):
        bad = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        found = [event for event in self.events if event.get("method") in bad]
        requests = [event for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return found + requests[1:]

    def show(self, width, dark=False, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def value(self, expression):
        """The JSON value of an expression of JavaScript, which the page's own policy does not stop."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def painted(self, selector):
        """The (red, green, blue) of each pixel of the first element that the selector finds."""
        box = self.value("(e => { const r = e.getBoundingClientRect(); return [r.x + scrollX, r.y + scrollY, r.width, r.height] })"
                         f"(document.querySelector({json.dumps(selector)}))")
        clip = {**dict(zip(("x", "y", "width", "height"), box)), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        return pixels(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])


def pixels(png):
    """The (red, green, blue) of each pixel of a PNG of 8 bits a channel, as Chromium writes it."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    channels = 3 if kind == 2 else 4
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        if name == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += 12 + length
    raw, size = zlib.decompress(data), width * channels
    above, found = bytearray(size), []
    for row in range(height):
        method = raw[row * (size + 1)]
        line = bytearray(raw[row * (size + 1) + 1:(row + 1) * (size + 1)])
        for i in range(size):
            left = line[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            line[i] = (line[i] + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[method]) & 255
        found += [tuple(line[i:i + 3]) for i in range(0, size, channels)]
        above = line
    return found


def paeth(left, above, corner):
    """The predictor of PNG's fourth filter."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))
