"""Debian's own kernel under the tests that take long or are patient for a real machine: attacks, tampering with the switch, routers, VLANs."""
from machine.component_tests import ComponentTests, with_tests

BY_DEFAULT = False
FRESH = False
SECONDS = 2400
BUILD = RESULTS = None  # set by lab/run


@with_tests
class Components(ComponentTests):
    TESTS = ("vnet-trial", "vnet-attacks", "vnet-control", "router-site", "guest-agent-network", "passthrough-lines")
