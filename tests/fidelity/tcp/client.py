#!/usr/bin/env python3
"""Downloads a load (load.h) over real TCP and writes what fidelity_tcp prints of the same load.

  client.py LOAD ORIGIN RESULT

Each chain is one connection. A request has as many bytes as the packet transport's.
"""
import json
import selectors
import socket
import sys
import time

REQUEST_BYTES = 315  # beside the path: kRequestHeaders in harness/transport/tcp_viewer.cc


def request(path, host):
    fixed = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: \r\n\r\n"
    filler = "x" * (REQUEST_BYTES + len(path) - len(fixed))
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {filler}\r\n\r\n".encode()


class Chain:
    def __init__(self, number, plan, host):
        self.number, self.plan, self.host = number, plan, host
        self.next = 0
        self.plan_next(plan["start_ms"] / 1e3)
        self.socket = None
        self.head = b""
        self.left = None  # of the body; None: the head is not complete

    def plan_next(self, at):
        """When the next request is due, in seconds after the beginning."""
        times = self.plan.get("at_ms")
        self.at = at if not times or self.next == len(times) else max(at, times[self.next] / 1e3)

    def ask(self, now):
        if self.socket is None:
            self.socket = socket.socket()
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.connect_ex((self.host, 80))
        self.asked = self.heard = now
        self.first = None
        self.silence = 0.0
        self.head, self.left = b"", None
        self.at = None

    def send(self):
        self.socket.sendall(request(f"/b-{self.plan['bytes'][self.next]}", self.host))

    def read(self, now):
        """Returns whether the answer is complete."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise SystemExit(f"client.py: chain {self.number}: the server closed the connection")
        self.silence = max(self.silence, now - self.heard)
        self.heard = now
        if self.first is None:
            self.first = now
        if self.left is None:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return False
            if not self.head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"client.py: chain {self.number}: {self.head[:60]!r}")
            self.left = self.plan["bytes"][self.next]
            data = self.head[end + 4:]
        self.left -= len(data)
        return self.left == 0


def main(load_file, host, result_file):
    with open(load_file, encoding="utf-8") as file:
        chains = [Chain(i, plan, host) for i, plan in enumerate(json.load(file)["chains"])]
    selector = selectors.DefaultSelector()
    downloads = []
    began = time.monotonic()
    ms = lambda t: round((t - began) * 1e3, 3)
    while any(chain.next < len(chain.plan["bytes"]) for chain in chains):
        now = time.monotonic()
        for chain in chains:
            if chain.next == len(chain.plan["bytes"]) or chain.at is None or began + chain.at > now:
                continue
            is_new = chain.socket is None
            chain.ask(now)
            if is_new:
                selector.register(chain.socket, selectors.EVENT_WRITE, chain)
            else:
                chain.send()
        waits = [began + chain.at - now for chain in chains if chain.at is not None and chain.next < len(chain.plan["bytes"])]
        for key, events in selector.select(max(0, min(waits)) if waits else None):
            chain, now = key.data, time.monotonic()
            if events & selectors.EVENT_WRITE:  # connected
                selector.modify(chain.socket, selectors.EVENT_READ, chain)
                chain.send()
                continue
            if not chain.read(now):
                continue
            downloads.append({"chain": chain.number, "n": chain.next, "bytes": chain.plan["bytes"][chain.next], "start_ms": ms(chain.asked),
                              "first_byte_ms": ms(chain.first), "end_ms": ms(now), "silence_ms": round(chain.silence * 1e3, 3)})
            chain.next += 1
            chain.plan_next(now - began + chain.plan["gap_ms"] / 1e3)
    with open(result_file, "w", encoding="utf-8") as file:
        json.dump({"downloads": downloads}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
