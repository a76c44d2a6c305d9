"""Specs for scenarios, as JSON, which is YAML too: a plant of small partitions, each in a zone of its own, that run the probe
of apps/probe.cpp."""
import json


def partition(name, number, probe=None, **more):
    """The partition, and its address 10.30.<number>.10 in zone <name>-cell."""
    return {
        "name": name,
        "tenant": "plant",
        "image": "partition-base",
        "cpus": 1,
        "memory": "160MiB",
        **({} if probe is None else {"application": {"path": "probe", "config": probe}}),
        "interfaces": [{"zone": f"{name}-cell", "address": address(number)}],
        **more,
    }


def address(number):
    return f"10.30.{number}.10"


def conduit(name, source, target, *allow):
    return {"name": name, "from": source, "to": target, "allow": list(allow), "because": "the scenario needs it"}


def document(*partitions, conduits=(), devices=(), **more):
    """`more`: further lists of the spec, by their keys."""
    subnets = {face["zone"]: face["address"].rsplit(".", 1)[0] + ".0/24" for item in partitions for face in item["interfaces"]}
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1",
        "kind": "Gateway",
        "metadata": {"name": "test-plant", "site": "bench"},
        "tenants": [{"name": "plant", "quota": {"cpus": 8, "memory": "2GiB", "disk": "1GiB", "partitions": 8}}],
        "devices": [{"name": name, "kind": "serial", "at": f"/run/bulkhead/devices/{name}"} for name in devices],
        "zones": [{"name": zone, "tenant": "plant", "subnet": subnet} for zone, subnet in subnets.items()],
        "partitions": list(partitions),
        "conduits": list(conduits),
        **more,
    }, indent=1)
