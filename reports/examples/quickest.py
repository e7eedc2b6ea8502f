# SPDX-License-Identifier: MIT
"""The shortest case for each requirement:  wizhil list --json | python3 quickest.py"""
import json
import sys

shortest = {}
for case in json.load(sys.stdin):
    for requirement in case["requirements"]:
        known = shortest.get(requirement)
        if known is None or case["expected_s"] < known["expected_s"]:
            shortest[requirement] = case
for requirement, case in sorted(shortest.items()):
    print(requirement, f"{case['expected_s']:.0f}", case["name"], sep="\t")
