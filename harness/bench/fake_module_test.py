#!/usr/bin/python3 -SEB
# SPDX-License-Identifier: MIT
"""The least module that the bench can run as a virtual device: for the tests of what a bench does to a process
(run_test.c).  It dials and is dialled by a TCP of its own, sends and takes data in segments of one frame, and writes its
arguments into the file that --log names.  Its settings:

    exits=CODE    it ends at its first advance         mute=1        it answers no command
    lies=wire     it claims a frame that it never sent lies=uart     an octet that it never wrote
    lost=1        it cannot connect; 2: it says so, and sends nothing; 3: the same without a CID
    stops=1       it answers no advance                refuses=WHY   --check fails with these words
    says=S:TEXT   a line of its own accord at this second of stepped time
    probes=S,...  a keep-alive probe of each connection at these seconds
    strays=S      a segment of its first connection from another port at this second
    storms=1      it sends frame behind frame at the first instant
    asks=S        it asks by ARP for the peer that it dialled last
"""
import array
import os
import select
import socket
import struct
import sys

NEVER = (1 << 63) - 1
SECOND = 1_000_000_000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def options_of(words):
    options = {"set": {}}
    for name, value in zip(words, words[1:] + [""]):
        if name == "--set":
            key, _, what = value.partition("=")
            options["set"][key] = what
        elif name.startswith("--"):
            options[name[2:]] = value
    return options


def checksum(octets):
    words = array.array("H", octets + b"\0" * (len(octets) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack("=H", ~total & 0xffff)


class Connection:
    def __init__(self, cid, port, peer, peer_port, peer_next=0):
        self.cid, self.port, self.peer, self.peer_port = cid, port, peer, peer_port
        self.next, self.peer_next = 1000, peer_next


class Module:
    def __init__(self, options):
        self.settings = options["set"]
        self.tty, self.tap = int(options["tty-fd"]), int(options["tap-fd"])
        self.mac = bytes(int(octet, 16) for octet in options["mac"].split(":"))
        self.peer_mac = b"\xff" * 6
        self.counts = {"uart_written": 0, "uart_read": 0, "wire_written": 0, "wire_read": 0}
        self.line, self.address = b"", "0.0.0.0"
        self.now = 0
        self.connections, self.dialling = [], None
        self.listens = 0  # the port; its CID is f
        self.timers = []
        for name, act in (("says", None), ("probes", self.probe), ("strays", self.stray), ("asks", self.ask)):
            for what in filter(None, self.settings.get(name, "").split(",")):
                at, _, text = what.partition(":")
                self.timers.append((int(float(at) * SECOND), act or (lambda text=text: self.say(text))))

    def with_cid(self, cid):
        return next((c for c in self.connections if c.cid == int(cid, 16)), None)

    # ---- UART ----

    def write(self, octets):
        os.write(self.tty, octets)
        self.counts["uart_written"] += len(octets)

    def say(self, text):
        self.write(f"\r\n{text}\r\n".encode())

    def hear(self):
        octets = os.read(self.tty, 4096)
        self.counts["uart_read"] += len(octets)
        for octet in octets:
            self.line += bytes([octet])
            if self.line.startswith(b"\x1bZ"):
                if len(self.line) > 6 and len(self.line) == 7 + int(self.line[3:7]):
                    self.segment(self.with_cid(chr(self.line[2])), PSH | ACK, payload=self.line[7:])
                    self.write(b"\x1bO")
                    self.line = b""
            elif octet == 13:
                line, self.line = self.line[:-1].decode(), b""
                if "mute" not in self.settings:
                    self.obey(line)

    def obey(self, line):
        command, _, value = line.partition("=")
        if line.startswith("AT+VER=?"):
            self.say("APP VERSION=9.9.9")
        elif line.startswith("AT+NMAC=?"):
            self.say(self.mac.hex(":"))
        elif command == "AT+NSET":
            self.address = value.split(",")[0]
        elif line.startswith("AT+CID=?"):
            listed = [f"{c.cid:x}  TCP  CLIENT" for c in self.connections] + (["f  TCP  SERVER"] if self.listens else [])
            self.say("\r\n".join(["CID  TYPE", *listed]) if listed else "No valid Cids")
        elif command == "AT+NCTCP" and "lost" in self.settings:
            self.say(["[ERROR: SOCKET FAILURE]", "[CONNECT 0]\r\n[OK]", "[OK]"][int(self.settings["lost"]) - 1])
            return
        elif command == "AT+NCTCP":
            self.dial(*value.split(","))
            return
        elif command == "AT+NSTCP":
            self.listens = int(value)
            self.say("[CONNECT f]")
        elif line == "AT+NCLOSE=f":
            self.listens = 0
        elif command == "AT+NCLOSE" and (connection := self.with_cid(value)):
            self.segment(connection, FIN | ACK)
            self.connections.remove(connection)
        self.say("[OK]")

    # ---- wire ----

    def send(self, frame):
        os.write(self.tap, frame)
        self.counts["wire_written"] += 1

    def segment(self, c, flags, seq=None, payload=b""):
        ends = socket.inet_aton(self.address) + socket.inet_aton(c.peer)
        seq = c.next if seq is None else seq
        tcp = [struct.pack(">HHIIBBH", c.port, c.peer_port, seq, c.peer_next, 0x50, flags, 1460),
               b"\0\0", b"\0\0" + payload]
        size = sum(map(len, tcp))
        tcp[1] = checksum(ends + struct.pack(">HH", 6, size) + b"".join(tcp))
        ip = [struct.pack(">BBHHHBB", 0x45, 0, 20 + size, self.counts["wire_written"], 0, 64, 6), b"\0\0", ends]
        ip[1] = checksum(b"".join(ip))
        self.send(self.peer_mac + self.mac + b"\x08\0" + b"".join(ip) + b"".join(tcp))
        c.next += bool(flags & (SYN | FIN)) + (len(payload) if seq == c.next else 0)

    def free_cid(self):
        return min(set(range(15)) - {c.cid for c in self.connections})

    def dial(self, peer, port):
        self.dialling = Connection(self.free_cid(), 4097 + self.free_cid(), peer, int(port))
        self.ask()

    def ask(self):
        """Where the one that was dialled last is: the SYN goes there."""
        ask = struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + self.mac + socket.inet_aton(self.address)
        self.send(b"\xff" * 6 + self.mac + b"\x08\x06" + ask + b"\0" * 6 + socket.inet_aton(self.dialling.peer))

    def take(self):
        frame = os.read(self.tap, 2048)
        self.counts["wire_read"] += 1
        if frame[12:14] == b"\x08\x06" and frame[21] == 2 and self.dialling not in self.connections:
            self.peer_mac = frame[6:12]
            self.connections.append(self.dialling)
            self.segment(self.dialling, SYN)
        if frame[12:14] != b"\x08\0" or frame[23] != 6:
            return
        peer = socket.inet_ntoa(frame[26:30])
        peer_port, port, seq, _, offset, flags = struct.unpack(">HHIIBB", frame[34:48])
        length = struct.unpack(">H", frame[16:18])[0] - 20 - (offset >> 4) * 4
        if flags == SYN and port == self.listens:
            self.peer_mac = frame[6:12]
            c = Connection(self.free_cid(), port, peer, peer_port, seq + 1)
            self.connections.append(c)
            self.segment(c, SYN | ACK)
            self.say(f"[CONNECT f {c.cid:x} {peer} {peer_port}]")
            return
        c = next((c for c in self.connections if (c.port, c.peer_port) == (port, peer_port)), None)
        if c is None:
            return
        if flags & RST:
            self.connections.remove(c)
            self.say(f"[DISCONNECT {c.cid:x}]")
        elif flags & SYN:
            c.peer_next = seq + 1
            self.segment(c, ACK)
            self.say(f"[CONNECT {c.cid:x}]")
            self.say("[OK]")
        elif length > 0 and seq == c.peer_next:
            c.peer_next += length
            self.segment(c, ACK)
            self.write(b"\x1bZ%x%04d" % (c.cid, length) + frame[34 + (offset >> 4) * 4:][:length])
        elif flags & FIN:
            c.peer_next = seq + 1
            self.segment(c, ACK)
            self.say(f"[DISCONNECT {c.cid:x}]")

    def probe(self):
        for c in self.connections:
            self.segment(c, ACK, c.next - 1)

    def stray(self):
        self.connections[0].port += 100
        self.segment(self.connections[0], ACK)
        self.connections[0].port -= 100

    # ---- time ----

    def written(self):
        return self.counts["uart_written"] + self.counts["wire_written"]

    def advance(self, come, until, uart_sent, wire_sent):
        before = self.written()
        if "storms" in self.settings:
            self.send(b"\xff" * 6 + self.mac + b"\x08\x06" + bytes(46))
            return
        self.now = max(self.now, come)  # it has said that no timer is due before
        while self.counts["uart_read"] < uart_sent:
            self.hear()
        while self.counts["wire_read"] < wire_sent:
            self.take()
        if self.written() != before:
            return
        due = [timer for timer in self.timers if timer[0] <= until]
        if not due:
            self.now = max(self.now, until)
            return
        timer = min(due, key=lambda t: t[0])
        self.timers.remove(timer)
        self.now = max(self.now, timer[0])
        timer[1]()

    def report(self):
        lie = self.settings.get("lies")
        return struct.pack("=qqQQQQ", self.now, min((t[0] for t in self.timers), default=NEVER),
                           self.counts["uart_written"] + (lie == "uart"), self.counts["uart_read"],
                           self.counts["wire_written"] + (lie == "wire"), self.counts["wire_read"])


def run_stepped(module, control):
    while advance := control.recv(32):
        if "exits" in module.settings:
            sys.exit(int(module.settings["exits"]))
        module.advance(*struct.unpack("=qqQQ", advance))
        if "stops" not in module.settings:
            control.send(module.report())


def run_real(module, control):
    while True:
        ready = select.select([module.tty, module.tap, control], [], [])[0]
        if control in ready:
            return
        if module.tty in ready:
            module.hear()
        if module.tap in ready:
            module.take()


def main(words):
    options = options_of(words)
    if "check" in options:
        if "refuses" in options["set"]:
            sys.exit(print("fake-module: " + options["set"]["refuses"], file=sys.stderr) or 2)
        return
    if "log" in options:
        with open(options["log"], "w", encoding="ascii") as log:
            log.write("\n".join(words) + "\n")
    control = socket.socket(fileno=int(options["control-fd"]))
    run = run_stepped if options["clock"] == "stepped" else run_real
    run(Module(options), control)


main(sys.argv[1:])
