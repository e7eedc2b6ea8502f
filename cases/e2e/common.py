# SPDX-License-Identifier: MIT
"""What the end-to-end tests share: bench files, runs of wizhil, and what a run left behind.

The folder of the built programs comes from WIZHIL_BUILD (set by ctest)."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WIZHIL_BUILD", SOURCE / "build"))
WIZHIL = str(BUILD / "wizhil")


class EndToEnd(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="wizhil-e2e-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)
        self._runs = 0

    def bench(self, name="virtual", faults=(), settings=(), clock=None, devices=1, seed=None):
        """Writes a bench file of virtual devices and returns its path."""
        lines = [f"bench: {name}"]
        if clock:
            lines.append(f"clock: {clock}")
        lines.append("devices:")
        for i in range(devices):
            lines += [
                f"  - name: device-{i}",
                "    wifi: { ssid: lab, security: open }",
                f"    address: {{ static: 192.0.2.{10 + i}/24, gateway: 192.0.2.1 }}",
                "    virtual:",
            ]
            if faults:
                lines.append("      faults: [" + ", ".join(faults) + "]")
            if settings:
                lines.append("      set:")
                lines += [f"        {s.split('=')[0]}: '{s.split('=')[1]}'" for s in settings]
            if seed is not None:
                lines.append(f"      seed: {seed}")
            if not faults and not settings and seed is None:
                lines[-1] = "    virtual: {}"
        lines.append("peer: { interface: wizhil0, address: 192.0.2.1, ports: 20000-29999 }")
        path = self.folder / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self, *arguments, **keywords):
        """Starts wizhil; the folder of the run is in .folder."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        process = subprocess.Popen([WIZHIL, "run", "--output", str(folder), *map(str, arguments)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.folder, **keywords)
        process.folder = folder
        return process

    def run_wizhil(self, *arguments, expect=None, timeout=300, **keywords):
        """Runs wizhil run to its end and returns a Run."""
        process = self.start(*arguments, **keywords)
        out, err = process.communicate(timeout=timeout)
        run = Run(process.folder, process.returncode, out, err)
        if expect is not None:
            self.assertEqual(run.code, expect, f"exit code\n{out}\n{err}")
        return run

    def wizhil(self, *arguments, expect=None, **keywords):
        done = subprocess.run([WIZHIL, *map(str, arguments)], capture_output=True, text=True,
                              cwd=self.folder, timeout=300, **keywords)
        if expect is not None:
            self.assertEqual(done.returncode, expect, f"exit code\n{done.stdout}\n{done.stderr}")
        return done

    def assert_one_message(self, text, *words):
        """One line, from wizhil, with all the words in it."""
        lines = [line for line in text.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, f"one message expected:\n{text}")
        self.assertTrue(lines[0].startswith("wizhil: "), lines[0])
        for word in words:
            self.assertIn(word, lines[0])

    def assert_nothing_left(self, folder):
        """No process that knows the run's folder is there any more."""
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            self.assertFalse(str(folder).encode() in words and state != "Z",
                             f"left running: {words[:200]!r}")


class Run:
    def __init__(self, folder, code, out, err):
        self.folder, self.code, self.out, self.err = folder, code, out, err
        journal = folder / "journal.jsonl"
        self.events = []
        if journal.exists():
            for line in journal.read_text().splitlines():
                try:
                    self.events.append(json.loads(line))
                except ValueError:
                    pass  # a line that a killed writer left unfinished

    def of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def verdicts(self):
        """First verdict of each case: name -> verdict."""
        return {event["case"]: event["verdict"] for event in reversed(self.of("verdict"))
                if event["attempt"] == "first"}

    def outcomes(self):
        return {name: verdict["outcome"] for name, verdict in self.verdicts().items()}

    def failed_requirements(self):
        return {check["requirement"] for verdict in self.verdicts().values()
                for check in verdict["checks"] if check["outcome"] == "fail"}

    def timelines(self):
        return {path.name: path.read_bytes()
                for path in sorted((self.folder / "evidence").glob("*.timeline.jsonl"))}
