"""A MariaDB Galera cluster of three nodes on loopback, in temporary directories, stopped by pid.

About ten seconds to start, and 120 MB per node. A context manager; nodes[i] is a servers.MariaDB."""

import glob
import os
import shutil

from support import servers
from support.ports import free_ports

PROVIDERS = "/usr/lib/galera*/libgalera_smm.so"
NODES = 3


def provider():
    """The library that makes a MariaDB server a node; None if not installed."""
    found = sorted(glob.glob(PROVIDERS))
    return found[-1] if found else None


class Node(servers.MariaDB):
    """`addresses` are those of all nodes' group communication; `index` is the number of this one."""

    def __init__(self, index, addresses, port):
        super().__init__(port)
        self.index = index
        self.addresses = addresses
        self.bootstrap = False
        self.ist, self.sst = free_ports(2)

    def command(self):
        peers = "" if self.bootstrap else ",".join(self.addresses)
        group = self.addresses[self.index]
        # Detects a dead node after two seconds instead of five; keepalive must stay below a third of that.
        options = (f"base_port={group.split(':')[1]};gmcast.listen_addr=tcp://{group};ist.recv_addr=127.0.0.1:{self.ist};"
                   "gcache.size=16M;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;"
                   "evs.inactive_check_period=PT0.5S;evs.keepalive_period=PT0.5S")
        command = super().command() + [
            "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", f"--wsrep-provider={provider()}",
            "--wsrep-cluster-name=sqlgrey_test", f"--wsrep-node-name=node{self.index}", "--wsrep-node-address=127.0.0.1",
            "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{self.sst}",
            f"--wsrep-provider-options={options}", f"--wsrep-cluster-address=gcomm://{peers}"]
        return command + (["--wsrep-new-cluster"] if self.bootstrap else [])

    def state(self, name):
        try:
            row = self.query(f"show status like 'wsrep_{name}'", "mysql")
        except RuntimeError:
            return ""
        return row.partition("\t")[2]

    def up(self, create=False, bootstrap=False):
        self.bootstrap = bootstrap
        self.start(create=False)
        servers.wait_until(lambda: self.state("ready") == "ON", 60, f"node {self.index}: {self.tail()}")
        if create:
            self.create()


class Cluster:
    def __init__(self):
        ports = free_ports(2 * NODES)
        addresses = [f"127.0.0.1:{port}" for port in ports[NODES:]]
        self.nodes = [Node(index, addresses, ports[index]) for index in range(NODES)]

    def __enter__(self):
        first, *others = self.nodes
        try:
            # A clean stop saves the state that the copies join with, so no full transfer is needed.
            first.prepare()
            first.up(create=True, bootstrap=True)
            first.stop()
            for node in others:
                self._copy(first, node)
            first.up(bootstrap=True)
            for node in others:
                node.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in reversed(self.nodes):
            # The last ones would wait for the others to return.
            node.kill()
            node.__exit__()

    @staticmethod
    def _copy(first, node):
        node._own(node.dir)
        shutil.copytree(first.data, node.data)
        with open(os.path.join(node.data, "grastate.dat"), "r+", encoding="ascii") as state:
            text = state.read().replace("safe_to_bootstrap: 1", "safe_to_bootstrap: 0")
            state.seek(0)
            state.write(text)
        for folder, _, files in os.walk(node.data):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                node._own(path)

    def hosts(self, *order):
        """The nodes in this order, as a value for db_host."""
        return ", ".join(f"127.0.0.1:{self.nodes[index].port}" for index in order or range(NODES))
