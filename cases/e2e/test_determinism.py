# SPDX-License-Identifier: MIT
"""With the stepped clock one seed gives one run, byte for byte."""
import multiprocessing
import sys
import unittest

from common import EndToEnd


def _burn(stop):
    while not stop.is_set():
        pass


class Determinism(EndToEnd):
    def timelines(self, *arguments):
        timelines = self.run_wizhil("--bench", self.bench(), *arguments, expect=0).timelines()
        self.assertGreater(len(timelines), 15)
        return timelines

    def same(self, wanted, *arguments):
        found = self.timelines(*arguments)
        self.assertEqual(found.keys(), wanted.keys())
        for name, timeline in wanted.items():
            self.assertEqual(found[name], timeline, f"{name} differs with {arguments}")

    def test_twenty_runs_idle_and_under_load_and_with_more_workers_are_the_same(self):
        wanted = self.timelines("--seed", 7)
        for jobs in (1, 40, 100):
            for _ in range(3):
                self.same(wanted, "--seed", 7, "--jobs", jobs)
        stop = multiprocessing.Event()
        load = [multiprocessing.Process(target=_burn, args=(stop,)) for _ in range(4)]
        for process in load:
            process.start()
        try:
            for _ in range(10):
                self.same(wanted, "--seed", 7)
        finally:
            stop.set()
            for process in load:
                process.join()

    def test_another_seed_moves_the_phases_of_a_free_running_tick(self):
        def first_probe_legs(seed):
            run = self.run_wizhil("--bench", self.bench(settings=["keepalive.model=A-free"]),
                                  "--seed", seed, expect=0)
            return sorted(check["measured_ns"] for verdict in run.verdicts().values()
                          for check in verdict["checks"] if check.get("leg") == "first probe")

        legs = first_probe_legs(1)
        self.assertTrue(legs)
        self.assertNotEqual(legs, first_probe_legs(2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
