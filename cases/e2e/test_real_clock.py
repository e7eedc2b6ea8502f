# SPDX-License-Identifier: MIT
"""The path that hardware takes: the virtual device on the real clock, 1 x 75 with a connection that
answers and one that is silent, in about 160 s."""
import sys
import unittest

from common import EndToEnd


class RealClock(EndToEnd):
    def test_count_1_with_an_answered_and_a_silent_connection(self):
        run = self.run_wizhil("--bench", self.bench(clock="real"), "--filter",
                              "dead_peer/with_count_1*", expect=0, timeout=600)
        self.assertEqual(list(run.outcomes().values()), ["pass"])
        legs = {check["leg"]: check for check in run.verdicts().popitem()[1]["checks"]
                if check.get("leg")}
        death = next(check for leg, check in legs.items() if "death" in leg)
        self.assertAlmostEqual(death["measured_ns"] / 1e9, 75, delta=1)
        self.assertGreater(death["error_ns"], 0, "a real stamp is never exact")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
