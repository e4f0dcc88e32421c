"""Runs a command with a freshly started database server: with_server.py postgresql|mysql COMMAND..."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from support import servers  # noqa: E402

# Zones that are not UTC: no time may depend on where the server stands.
ZONE = {"postgresql": "timezone = 'Europe/Paris'", "mysql": "--default-time-zone=+05:30"}

with servers.BY_NAME[sys.argv[1]](options=[ZONE[sys.argv[1]]]) as server:
    sys.exit(subprocess.run(sys.argv[2:], env={**os.environ, **server.environment()}, timeout=560).returncode)
