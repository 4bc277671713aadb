"""A storm of alerts, against what git needs at least for the commit that comes of it."""

import json
import os
import shutil

from harness import ITSM


def write_bodies(harness, count, groups):
    """Bodies of an Alertmanager, one for each group; every alert has a fingerprint of its own."""
    paths = []
    for group in range(groups):
        alerts = [{
            "status": "firing",
            "labels": {"alertname": f"Down{group}", "severity": "critical", "instance": f"host-{number}:9100", "job": "node",
                       "cluster": "eu-1"},
            "annotations": {"summary": f"host-{number} is down", "description": "It does not answer on port 9100"},
            "startsAt": "2026-11-22T09:50:00Z", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.org/graph?g0.expr=up", "fingerprint": f"{group:04x}{number:012x}",
        } for number in range(count // groups)]
        body = {"version": "4", "receiver": "itsm", "status": "firing", "groupKey": f"{{}}:{{alertname=\"Down{group}\"}}",
                "groupLabels": {"alertname": f"Down{group}"}, "truncatedAlerts": 0, "alerts": alerts}
        paths.append(harness.path(f"storm-{group}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(body, file)
    return paths


def clone(harness, desk, name, *options):
    folder = harness.path(name)
    shutil.rmtree(folder, ignore_errors=True)
    harness.run(["git", "clone", "-q", "--no-local", *options, desk, folder], harness.folder)
    return folder


def storm_row(harness, what, desk, ingest, stream, options, limit, times):
    def ours(_):
        return harness.seconds(ingest, clone(harness, desk, "storm", *options))

    def theirs(_):
        return harness.seconds(["git", "fast-import", "--quiet", "--force"], clone(harness, desk, "plain", "--bare"), stream)

    harness.against(f"storm, {what}, to git fast-import", limit, None, ours, theirs, times)


def rows(harness, short):
    count, groups = (1000, 10) if short else (10000, 10)
    bodies = write_bodies(harness, count, groups)
    desk = harness.path("calm")
    harness.run([ITSM, "init", desk, "--name", "Bench"], harness.folder)
    ingest = [ITSM, "event", "ingest", *bodies]
    harness.table.head(f"a storm of {count} alerts in {groups} groups")
    taken = clone(harness, desk, "taken", "--bare")
    _, peak = harness.timed(ingest, taken)
    commits = int(harness.run(["git", "rev-list", "--count", "HEAD"], taken)) - 1
    names = harness.lines(["git", "ls-tree", "-r", "--name-only", "HEAD"], taken)
    incidents = sum(name.startswith("operation/incidents/") for name in names)
    harness.table.row("storm, incidents", incidents, groups, None, f"{count} alerts in {commits} commit")
    harness.table.row("storm, peak memory", peak, 128, None, f"{sum(map(os.path.getsize, bodies)) / 1e6:.1f} MB of bodies", " MiB")
    stream = harness.path("storm.stream")
    with open(stream, "wb") as file:
        file.write(harness.run(["git", "fast-export", "HEAD~1..HEAD"], taken))
    times = 1 if short else 5
    storm_row(harness, "a receiver's bare clone", desk, ingest, stream, ["--bare"], 2, times)
    storm_row(harness, "with a work tree", desk, ingest, stream, [], None, times)
    for name in ("storm", "plain", "taken", "calm"):
        shutil.rmtree(harness.path(name), ignore_errors=True)
