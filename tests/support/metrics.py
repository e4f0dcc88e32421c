"""What Prometheus is to the daemon: asks for the metrics over HTTP and reads them."""

import re

from support import policy

SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$")


def exchange(address, request):
    """Sends these bytes and reads until the end: all that was answered."""
    peer = policy.connect(address)
    try:
        peer.sendall(request)
        return read_all(peer)
    finally:
        peer.close()


def read_all(peer):
    answer = b""
    while True:
        more = peer.recv(65536)
        if not more:
            return answer
        answer += more


def get(address, path="/metrics", accept=None, method="GET"):
    """(status, headers, body)"""
    accepts = f"Accept: {accept}\r\n" if accept else ""
    answer = exchange(address, f"{method} {path} HTTP/1.1\r\nHost: here\r\n{accepts}\r\n".encode()).decode()
    head, body = answer.split("\r\n\r\n", 1)
    status, *lines = head.split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body


def samples(text):
    """{"name{labels}": number}"""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, value = SAMPLE.match(line).groups()
        assert name not in found, name
        found[name] = float(value)
    return found


def scrape(address):
    status, _, body = get(address)
    assert status == 200, status
    return samples(body)
