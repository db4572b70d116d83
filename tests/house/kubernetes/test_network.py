"""Who may speak to whom is what docs/kubernetes.md draws: no path less, none more, and both ends agree."""

import re
from ipaddress import ip_network

import pytest

from services.api.app import create_app
from shared.sealing import new_key, write_key
from shared.settings import ApiSettings
from tests.house.files import ROOT
from tests.house.kubernetes.rendered import AS_IT_IS, DEPLOYMENTS, container, of_kind, render, workloads

ROW = re.compile(r"^\| (.+?) \| (.+?) \| (\d+) \|", re.M)
WORLD = "the world"
NAMESPACE = "kubernetes.io/metadata.name"
LOCAL = "local+monitoring+simulator"
PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "fe80::1"]


def test_paths_are_those_that_are_drawn():
    pods = _pods(LOCAL)
    drawn = {
        (source, target, int(port))
        for sources, targets, port in ROW.findall((ROOT / "docs" / "kubernetes.md").read_text())
        for source in _named(sources, pods)
        for target in _named(targets, pods)
    }

    assert _paths(LOCAL) == drawn


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_nobody_else_is_heard_or_asked(name):
    (nobody,) = [
        each for each in of_kind("NetworkPolicy", render(name)) if each["metadata"]["name"] == "deny-all"
    ]

    assert nobody["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("name", [each for each in DEPLOYMENTS if each.startswith("local")])
def test_both_ends_of_a_path_agree(name):
    pods = _pods(name)
    asked = {each for each in _asking(name) if each[1] in pods}
    heard = {each for each in _hearing(name) if each[0] in pods}

    assert asked == heard


def test_production_reaches_its_stores_and_no_other_does():
    paths = {each for each in _asking(AS_IT_IS["production"]) if each[1] not in {"kube-system", WORLD}}

    assert paths == {
        *((each, "10.1.0.0/24", 6379) for each in ("api", "scheduler", "fetcher")),
        *((each, "10.1.1.0/24", 6379) for each in ("api", "fetcher")),
        *((each, "10.1.2.0/24", 5671) for each in ("scheduler", "fetcher")),
    }


def test_the_world_has_nothing_private_in_it():
    (policy,) = [
        each for each in of_kind("NetworkPolicy", render("local")) if each["metadata"]["name"] == "to-x"
    ]
    blocks = [each["ipBlock"] for each in policy["spec"]["egress"][0]["to"]]

    assert [address for address in PRIVATE for block in blocks if _holds(block, address)] == []


def test_the_ingress_names_what_callers_see(monkeypatch):
    monkeypatch.setenv("ROOST_SECRET_KEYS", write_key(new_key()))
    routes = {getattr(route, "path", "") for route in create_app(ApiSettings()).routes}
    (ingress,) = of_kind("Ingress", render("production"))
    paths = ingress["spec"]["rules"][0]["http"]["paths"]

    unseen = {route for route in routes if not any(_leads(each, route) for each in paths)}

    assert unseen == {"/livez", "/readyz", "/metrics"}
    assert [each for each in paths if not any(_leads(each, route) for route in routes)] == []


def _pods(name):
    """Each kind of pod by what tells it from the others: its labels, and its ports by name."""
    found = {}
    for each in workloads(render(name)):
        labels = each["spec"]["template"]["metadata"]["labels"]
        known_as = labels.get("app.kubernetes.io/component") or labels["app.kubernetes.io/name"]
        found[known_as] = (labels, {port["name"]: port["containerPort"] for port in container(each)["ports"]})
    return found


def _paths(name):
    return {*_asking(name), *_hearing(name)}


def _asking(name):
    """List who may ask whom, as the policies of those who ask have it."""
    return _allowed(name, "egress", "to")


def _hearing(name):
    """List who may be heard by whom, as the policies of those who are asked have it."""
    return {(source, target, port) for target, source, port in _allowed(name, "ingress", "from")}


def _allowed(name, way, end):
    pods = _pods(name)
    return {
        (mine, theirs, _number(port["port"], pods, mine if way == "ingress" else theirs))
        for policy in of_kind("NetworkPolicy", render(name))
        for mine in _selected(policy["spec"]["podSelector"], pods)
        for rule in policy["spec"].get(way, ())
        for peer in rule[end]
        for theirs in _peers(peer, pods)
        for port in rule["ports"]
    }


def _peers(peer, pods):
    if "namespaceSelector" in peer:
        return {peer["namespaceSelector"]["matchLabels"][NAMESPACE]}
    if "ipBlock" in peer:
        return {WORLD if ip_network(peer["ipBlock"]["cidr"]).prefixlen == 0 else peer["ipBlock"]["cidr"]}
    return _selected(peer["podSelector"], pods)


def _selected(selector, pods):
    labels = selector.get("matchLabels", {}).items()
    ways = selector.get("matchExpressions", ())
    assert all(each["operator"] == "In" for each in ways)
    return {
        known_as
        for known_as, (has, _) in pods.items()
        if labels <= has.items() and all(has.get(each["key"]) in each["values"] for each in ways)
    }


def _number(port, pods, at):
    return port if isinstance(port, int) else pods[at][1][port]


def _named(cell, pods):
    """Read a cell of the drawing: some names, everybody, or the world."""
    return {"everybody": pods.keys(), WORLD: {WORLD}}.get(cell) or set(re.findall(r"`([\w-]+)`", cell))


def _holds(block, address):
    host = ip_network(address)
    nets = [ip_network(each) for each in (block["cidr"], *block["except"])]
    inside = [host.version == net.version and host.subnet_of(net) for net in nets]
    return inside[0] and not any(inside[1:])


def _leads(path, route):
    if path["pathType"] == "Exact":
        return route == path["path"]
    return route == path["path"] or route.startswith(f"{path['path']}/")
