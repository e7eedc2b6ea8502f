# SPDX-License-Identifier: MIT
"""The two numbers that count: every known fault is caught, no healthy device is accused."""
import sys
import unittest

from common import EndToEnd

# Each fault with the requirement that it breaks.
FAULTS = {
    "no-probes": "KA-SCHED-01",
    "interval-60": "KA-SCHED-02",
    "one-probe-too-few": "KA-SCHED-03",
    "one-probe-too-many": "KA-SCHED-03",
    "never-declares-death": "KA-DEAD-01",
    "death-not-reported": "KA-NOTICE-01",
    "notice-other-cid": "KA-NOTICE-01",
    "probes-when-off": "KA-CFG-01",
    "seq-is-snd-nxt": "KA-FMT-01",
    "cid-leak": "KA-AFTER-02",
}


class Healthy(EndToEnd):
    def healthy(self, model, *settings):
        run = self.run_wizhil("--bench", self.bench(settings=[f"keepalive.model={model}", *settings]),
                              expect=0)
        self.assertTrue(run.outcomes())
        for name, outcome in run.outcomes().items():
            self.assertEqual(outcome, "pass", f"{name} under {model}: {run.verdicts()[name]['text']}")
        self.assertIn(f"{model}", run.out)
        return run

    def test_passes_under_model_a(self):
        self.healthy("A")

    def test_passes_under_model_a_tick(self):
        self.healthy("A-tick")

    def test_passes_under_model_a_free(self):
        self.healthy("A-free")

    def test_passes_under_model_b_with_a_finding_at_the_floor(self):
        run = self.healthy("B")
        findings = [finding["text"] for verdict in run.verdicts().values()
                    for finding in verdict["findings"]]
        self.assertTrue(any("floor" in text for text in findings), findings)


class Faults(EndToEnd):
    def caught(self, fault):
        run = self.run_wizhil("--bench", self.bench(faults=[fault]), "--no-rerun", expect=1)
        self.assertIn(FAULTS[fault], run.failed_requirements(),
                      f"{fault}: failed were {sorted(run.failed_requirements())}\n{run.out}")
        self.assertNotIn("error", run.outcomes().values(), run.out)


for _fault in FAULTS:
    setattr(Faults, "test_" + _fault.replace("-", "_") + "_is_caught",
            lambda self, fault=_fault: self.caught(fault))

if __name__ == "__main__":
    unittest.main(argv=sys.argv)
