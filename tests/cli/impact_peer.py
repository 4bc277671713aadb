#!/usr/bin/python3
"""What fails with what, computed again without itsm: impact_peer.py MODE ...

  generate FOLDER SEED     write a desk's items and services: groups, cycles, what is down and what is retired
  desk ITSM [COUNT]        in a desk: read its YAML files, and compare `itsm impact` of COUNT items (0: all) with a fixpoint
  kubernetes ITSM FOLDER   compare with the *_ADDR variables of the manifests
  netbox ITSM DUMP         compare with the clusters of the virtual machines in NetBox' dump

Nothing is taken over from the program: no graph, but passes over all items until nothing changes any more.
"""
import gzip
import json
import os
import random
import re
import subprocess
import sys

import yaml

DOWN = {"planned", "build", "maintenance"}
CLOSED = {"retired", "disposed"}


def names(value):
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def generate(folder, seed):
    dice = random.Random(seed)
    items = os.path.join(folder, "transition/items")
    services = os.path.join(folder, "strategy/services")
    os.makedirs(items, exist_ok=True)
    os.makedirs(services, exist_ok=True)
    count, groups, offers = 300, 40, 20
    for number in range(count):
        record = {"state": dice.choices(["live", "maintenance", "retired", "planned"], [20, 2, 1, 1])[0],
                  "name": "Item %d" % number}
        for field, chance in (("depends_on", 0.6), ("runs_on", 0.4), ("consumes", 0.2), ("provides", 0.1), ("connects", 0.3)):
            if dice.random() < chance:
                record[field] = ["i%d" % dice.randrange(max(0, number - 40), min(count, number + 5))
                                 for _ in range(dice.randrange(1, 3))]
                record[field] = sorted(set(record[field]) - {"i%d" % number})
        if number >= groups and dice.random() < 0.5:
            record["part_of"] = ["i%d" % dice.randrange(groups)]
        if number < groups and dice.random() < 0.8:
            record["min_up"] = dice.choice(["1", "2", "50%", "34%", "100%", "0"])
        if dice.random() < 0.1:
            record["services"] = ["s%d" % dice.randrange(offers)]
        if dice.random() < 0.02:
            record["depends_on"] = ["nowhere"]
        with open(os.path.join(items, "i%d.yaml" % number), "w", encoding="utf-8") as out:
            yaml.safe_dump({key: value for key, value in record.items() if value != []}, out, sort_keys=False)
    for number in range(offers):
        record = {"state": "live", "name": "Service %d" % number}
        if number:
            record["depends_on"] = ["s%d" % dice.randrange(number)]
        with open(os.path.join(services, "s%d.yaml" % number), "w", encoding="utf-8") as out:
            yaml.safe_dump(record, out, sort_keys=False)


class Desk:
    def __init__(self):
        self.records = {}
        for folder in ("transition/items", "strategy/services"):
            for name in os.listdir(folder) if os.path.isdir(folder) else []:
                with open(os.path.join(folder, name), encoding="utf-8") as text:
                    self.records[name[:-5]] = yaml.load(text, yaml.BaseLoader)
        self.works = {name: record for name, record in self.records.items() if record["state"] not in CLOSED}
        self.parts = {name: [part for part, record in self.works.items() if name in names(record.get("part_of"))]
                      for name in self.works}

    def falls(self, name, gone):
        """Does this one fail now that those are gone?"""
        record = self.works[name]
        needs = names(record.get("depends_on")) + names(record.get("runs_on")) + names(record.get("consumes"))
        if any(need in gone and need != name for need in needs):
            return True
        if any(name in names(self.works[carrier].get("services")) + names(self.works[carrier].get("provides"))
               for carrier in gone if carrier in self.works and carrier != name):
            return True
        parts = self.parts[name]
        if not any(part in gone for part in parts):
            return False
        up = [part for part in parts if part not in gone and
              (record["state"] in DOWN or self.works[part]["state"] not in DOWN)]
        minimum = record.get("min_up")
        if minimum is None:
            return len(up) < len(parts)
        if minimum.endswith("%"):
            return len(up) * 100 < int(minimum[:-1]) * len(parts)
        return len(up) < int(minimum)

    def gone(self, name):
        gone = {name}
        changed = True
        while changed:
            more = {other for other in self.works if other not in gone and self.falls(other, gone)}
            gone |= more
            changed = bool(more)
        return gone


def impact(itsm, name):
    text = subprocess.run([itsm, "impact", name, "--format", "json"], check=True, capture_output=True, text=True).stdout
    records = json.loads(text)["records"]
    for record in records:
        assert record["path"][-1] == record["id"] and record["path"][0] == name and len(record["path"]) == record["depth"] + 1, record
    return {record["id"] for record in records}


def compare(itsm, wanted):
    bad = 0
    for name, expected in sorted(wanted.items()):
        got = impact(itsm, name)
        if got != expected:
            bad += 1
            print("%s: too many %s, missing %s" % (name, sorted(got - expected)[:5], sorted(expected - got)[:5]))
    print("%d compared, %d reached, %d differ" % (len(wanted), sum(len(each) for each in wanted.values()), bad))
    return bad


def desk(itsm, count):
    own = Desk()
    chosen = sorted(own.records)
    if count:
        chosen = random.Random(1).sample(chosen, count)
    return compare(itsm, {name: own.gone(name) for name in chosen})


def kubernetes(itsm, folder):
    """Who names whom in NAME_ADDR: "<service>:<port>"."""
    needs = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            for document in yaml.safe_load_all(text) if name.endswith(".yaml") else []:
                if document and document.get("kind") == "Deployment":
                    containers = document["spec"]["template"]["spec"]["containers"]
                    containers += document["spec"]["template"]["spec"].get("initContainers", [])
                    needs[document["metadata"]["name"]] = {
                        re.match(r"(?:https?://)?([a-z0-9-]+)", variable["value"]).group(1)
                        for container in containers for variable in container.get("env", [])
                        if variable["name"].endswith("_ADDR") and "value" in variable}
    wanted = {}
    for name in needs:
        gone = {name}
        while True:
            more = {other for other, those in needs.items() if those & gone} - gone
            if not more:
                break
            gone |= more
        wanted[name] = gone
    known = {name: those & set(needs) for name, those in needs.items()}
    print("%d services, %d edges" % (len(needs), sum(len(those) for those in needs.values())))
    print("not there: %s" % " ".join(sorted(set().union(*needs.values()) - set().union(*known.values()))))
    return compare(itsm, wanted)


def netbox(itsm, dump):
    with gzip.open(dump) as text:
        objects = json.load(text)
    cluster = {each["pk"]: each["fields"]["name"] for each in objects if each["model"] == "virtualization.cluster"}
    machines = [each["fields"] for each in objects if each["model"] == "virtualization.virtualmachine"]
    devices = [each for each in objects if each["model"] == "dcim.device"]
    text = subprocess.run([itsm, "sql", "SELECT id, external, name, class FROM item", "--format", "json"], check=True,
                          capture_output=True, text=True).stdout
    items = json.loads(text)["records"]
    by_key = {item["external"]: item["id"] for item in items}
    wanted = {}
    for key, name in cluster.items():
        own = by_key["cluster/%d" % key]
        wanted[own] = {own} | {by_key["vm/%d" % each["pk"]] for each in objects
                               if each["model"] == "virtualization.virtualmachine" and each["fields"]["cluster"] == key}
    for each in devices[:20]:
        own = by_key["device/%d" % each["pk"]]
        wanted[own] = {own}  # a cable carries no failure
    print("%d devices, %d virtual machines in %d clusters" % (len(devices), len(machines), len(cluster)))
    return compare(itsm, wanted)


if __name__ == "__main__":
    mode, rest = sys.argv[1], sys.argv[2:]
    if mode == "generate":
        generate(rest[0], int(rest[1]))
        sys.exit(0)
    if mode == "desk":
        sys.exit(1 if desk(rest[0], int(rest[1]) if len(rest) > 1 else 0) else 0)
    sys.exit(1 if {"kubernetes": kubernetes, "netbox": netbox}[mode](*rest) else 0)
