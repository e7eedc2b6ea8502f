# SPDX-License-Identifier: MIT
"""Wrong input and dying processes: one clear message, the right exit code, nothing left running, and
every verdict that was reached before still in the journal and the reports."""
import os
import pty
import signal
import sys
import time
import unittest

from common import EndToEnd, Run

REAL = """bench: rack
devices:
  - name: dut
    uart: {{ port: {port}, baud: 115200, flow: none }}
    wifi: {{ ssid: lab, security: open }}
    address: {{ static: 192.0.2.10/24, gateway: 192.0.2.1 }}
peer: {{ interface: {interface}, address: 192.0.2.1, ports: 20000-20255 }}
"""


class WrongInput(EndToEnd):
    def refused(self, text, *words, code=2):
        path = self.folder / "rack.yaml"
        path.write_text(text)
        done = self.wizhil("run", "--bench", path, expect=code)
        self.assert_one_message(done.stderr, *words)

    def test_unknown_key_names_file_line_column_and_the_likely_one(self):
        self.refused(REAL.format(port="/dev/ttyUSB0", interface="lo").replace("port:", "prot:"),
                     "rack.yaml:4:", "'prot'", "'port'")

    def test_wrong_type_is_named(self):
        self.refused(REAL.format(port="/dev/ttyUSB0", interface="lo").replace("115200", "fast"),
                     "rack.yaml:4:", "baud")

    def test_broken_yaml_is_named_with_its_place(self):
        self.refused("bench: [", "rack.yaml:")

    def test_missing_file(self):
        done = self.wizhil("run", "--bench", "nowhere.yaml", expect=2)
        self.assert_one_message(done.stderr, "nowhere.yaml")

    def test_a_passphrase_in_the_bench_file_is_refused_and_not_repeated(self):
        text = REAL.format(port="/dev/ttyUSB0", interface="lo")
        text = text.replace("security: open", "security: wpa2, passphrase: hunter22")
        path = self.folder / "rack.yaml"
        path.write_text(text)
        done = self.wizhil("run", "--bench", path, expect=2)
        self.assert_one_message(done.stderr, "passphrase")
        self.assertNotIn("hunter22", done.stderr + done.stdout)

    def test_a_filter_that_matches_nothing(self):
        done = self.wizhil("run", "--bench", self.bench(), "--filter", "no_such/*", expect=2)
        self.assert_one_message(done.stderr, "'no_such/*'", "wizhil list")

    def test_an_unknown_option(self):
        done = self.wizhil("run", "--benhc", "x", expect=2)
        self.assertIn("--benhc", done.stderr)

    def test_the_stepped_clock_on_a_real_bench(self):
        path = self.folder / "rack.yaml"
        path.write_text(REAL.format(port="/dev/ttyUSB0", interface="lo"))
        done = self.wizhil("run", "--bench", path, "--clock", "stepped", expect=2)
        self.assert_one_message(done.stderr, "stepped")

    def test_an_output_folder_is_never_overwritten(self):
        (self.folder / "there").mkdir()
        done = self.wizhil("run", "--bench", self.bench(), "--output", "there", expect=2)
        self.assert_one_message(done.stderr, "'there'")


class BrokenBench(EndToEnd):
    def broken(self, port, interface, *words):
        path = self.folder / "rack.yaml"
        path.write_text(REAL.format(port=port, interface=interface))
        run = self.run_wizhil("--bench", path, "--filter", "configuration/*", expect=99)
        faults = [event["text"] for event in run.of("fault")]
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])
        self.assertIn(faults[0], run.out)
        self.assertTrue((run.folder / "junit.xml").exists())
        self.assert_nothing_left(run.folder)
        done = self.wizhil("check", "--bench", path, expect=99)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_missing_serial_port(self):
        self.broken("/dev/ttyNOWHERE", "lo", "/dev/ttyNOWHERE")

    def test_a_port_that_is_no_serial_port(self):
        self.broken("/dev/null", "lo", "/dev/null")


class BrokenDevice(EndToEnd):
    def test_a_device_that_never_answers(self):
        run = self.run_wizhil("--bench", self.bench(settings=["uart.deaf=true"]), expect=99)
        self.assertEqual(len(run.of("fault")), 1)
        self.assertIn("does not answer", run.of("fault")[0]["text"])
        self.assert_nothing_left(run.folder)

    def test_a_device_that_reboots_in_mid_case(self):
        run = self.run_wizhil("--bench", self.bench(settings=["boot.reboot_at_s=300"]))
        self.assertIn(run.code, (1, 99))
        outcomes = set(run.outcomes().values())
        self.assertIn("inconclusive", outcomes)
        self.assertIn("pass", outcomes)
        self.assertIn("rebooted", run.out)
        self.assert_nothing_left(run.folder)

    def test_no_such_fault(self):
        run = self.run_wizhil("--bench", self.bench(faults=["no-such-fault"]), expect=99)
        self.assert_nothing_left(run.folder)


class Killed(EndToEnd):
    """On the real clock, so that there is time to kill; the first cases take 5 s."""

    def begin(self):
        process = self.start("--bench", self.bench(clock="real"), "--filter", "configuration/timeout_7*",
                             "--filter", "dead_peer/count_1*")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            run = Run(process.folder, None, "", "")
            if run.of("verdict"):
                return process
            self.assertIsNone(process.poll(), "ended early")
            time.sleep(0.05)
        self.fail("no verdict within a minute")

    def children(self, process):
        """Processes below wizhil: pid -> command line."""
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                with open(f"/proc/{entry}/cmdline", "rb") as line:
                    found[int(entry)] = (parent, line.read().replace(b"\0", b" ").decode())
            except OSError:
                continue
        below, grown = {process.pid}, True
        while grown:
            grown = {pid for pid, (parent, _) in found.items() if parent in below} - below
            below |= grown
        return {pid: found[pid][1] for pid in below - {process.pid}}

    def kill(self, word, parent_only=False):
        process = self.begin()
        victims = [pid for pid, line in self.children(process).items() if word in line]
        self.assertTrue(victims, f"no {word} among {self.children(process)}")
        os.kill(min(victims), signal.SIGKILL)
        out, err = process.communicate(timeout=120)
        run = Run(process.folder, process.returncode, out, err)
        self.kept(run)
        return run

    def kept(self, run):
        self.assertEqual(run.code, 99, run.out + run.err)
        self.assertTrue(run.of("verdict"))
        junit = (run.folder / "junit.xml").read_text()
        for event in run.of("verdict"):
            self.assertIn(event["case"].split("/")[1], junit)
        self.assert_nothing_left(run.folder)

    def test_the_device(self):
        self.assertEqual(len(self.kill("virtual-wizfi210").of("fault")), 1)

    def test_the_runner(self):
        self.kill("wizhil-cases")

    def test_the_bench(self):
        run = self.kill("wizhil run")
        self.assertTrue(any("signal 9" in event["text"] for event in run.of("fault")))

    def test_wizhil_itself_and_the_report_is_composed_afterwards(self):
        process = self.begin()
        children = self.children(process)
        process.kill()
        process.communicate(timeout=60)
        deadline = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{pid}") and "virtual" in line for pid, line in children.items()):
            self.assertLess(time.monotonic(), deadline, "children go on")
            time.sleep(0.05)
        self.assert_nothing_left(process.folder)
        done = self.wizhil("report", process.folder, expect=99)
        self.assertIn("timeout_7", done.stdout)

    def test_an_interrupt_finishes_the_evidence_and_exits_with_130(self):
        process = self.begin()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        run = Run(process.folder, process.returncode, out, err)
        self.assertEqual(run.code, 130, out + err)
        self.assertTrue(run.of("not_run"))
        self.assertTrue((run.folder / "junit.xml").exists())
        self.assert_nothing_left(run.folder)


class Unprivileged(EndToEnd):
    @unittest.skipIf(os.geteuid() != 0, "is what every other test shows already")
    def test_an_ordinary_user_can_run_the_virtual_bench(self):
        os.chmod(self.folder, 0o777)
        bench = self.bench()
        os.chmod(bench, 0o644)

        def become_nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        run = self.run_wizhil("--bench", bench, "--filter", "dead_peer/*", expect=0,
                              preexec_fn=become_nobody)
        self.assertEqual(set(run.outcomes().values()), {"pass"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
