# SPDX-License-Identifier: MIT
"""Which connections of a capture died:  wizhil diagnose --json FILE | python3 dead.py"""
import json
import sys

for capture in json.load(sys.stdin)["captures"]:
    for connection in capture["connections"]:
        for direction in connection["directions"]:
            if direction["outcome"] == "dead":
                last = direction["probes"][-1]
                print(direction["prober"], direction["peer"], len(direction["probes"]), last["file"], last["frame"],
                      sep="\t")
