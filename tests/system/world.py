"""What is beyond a gateway's uplinks: a network namespace with the other ends of its cards, next routers, and servers."""
import json
import pathlib
import subprocess
import sys
import tempfile

from gateway import wait_for

# Accepts on each port, and writes down whom it saw: one line of JSON for each connection.
SERVER = """
import json, selectors, socket, sys
every = selectors.DefaultSelector()
for port in sys.argv[2:]:
    listener = socket.create_server((sys.argv[1], int(port)), backlog=64)
    every.register(listener, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in every.select():
        peer, address = key.fileobj.accept()
        print(json.dumps({"port": key.fileobj.getsockname()[1], "from": address[0]}), flush=True)
        peer.close()
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=30)


class World:
    """Use as a context manager, around the gateway's. `cards`: name of each card, and the next router's address there with its
    length."""

    def __init__(self, cards):
        self.cards = cards
        self.servers = []

    def __enter__(self):
        ip("netns", "add", "world")
        for card, address in self.cards.items():
            ip("link", "add", card, "type", "veth", "peer", "name", f"far-{card}", "netns", "world")
            self.ip("addr", "add", address, "dev", f"far-{card}")
            self.ip("link", "set", f"far-{card}", "up")
            for state in ("up", "down"):  # as one that was up before: with its queue
                ip("link", "set", card, state)
        self.ip("link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        for server, log in self.servers:
            server.kill()
            server.wait()
            log.close()
        for card in self.cards:
            ip("link", "del", card)
        ip("netns", "del", "world")

    def ip(self, *words):
        ip("-n", "world", *words)

    def serve(self, address, *ports):
        self.ip("addr", "add", f"{address}/32", "dev", "lo")
        self.start(sys.executable, "-c", SERVER, address, *map(str, ports))

    def start(self, *command):
        """A server there. It says "ready" first, and then a line of JSON for each thing that befalls it."""
        log = tempfile.NamedTemporaryFile("r", prefix="world-")
        with open(log.name, "w") as out:
            server = subprocess.Popen(["ip", "netns", "exec", "world", *map(str, command)], stdin=subprocess.DEVNULL, stdout=out)
        self.servers.append((server, log))
        wait_for(f"{command[0]} serves", lambda: "ready" in pathlib.Path(log.name).read_text(), 30)

    def told(self):
        """What befell its servers."""
        lines = [line for _, log in self.servers for line in pathlib.Path(log.name).read_text().splitlines()[1:]]
        return [json.loads(line) for line in lines]

    def seen(self):
        """Connections that came, as (port, address of the sender)."""
        return [(each["port"], each["from"]) for each in self.told()]
