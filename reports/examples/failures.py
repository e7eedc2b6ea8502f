# SPDX-License-Identifier: MIT
"""What failed in a run, from its journal:  python3 failures.py reports/RUN"""
import json
import pathlib
import sys


def failures(journal):
    """The last verdict of each case, of those that failed: name -> its failed checks."""
    failed = {}
    with open(journal) as lines:
        for line in lines:
            event = json.loads(line)
            if event["event"] != "verdict" or event["attempt"] != "first":
                continue
            verdict = event["verdict"]
            checks = [check for check in verdict["checks"] if check["outcome"] == "fail"]
            if verdict["outcome"] == "fail":
                failed[event["case"]] = checks
    return failed


if __name__ == "__main__":
    for case, checks in failures(pathlib.Path(sys.argv[1]) / "journal.jsonl").items():
        for check in checks:
            print(case, check["requirement"], check["text"], sep="\t")
