"""Debian's own kernel under the tests that take long: what tampers with the switch is told, and routers lead out, over VLANs too."""
from machine.component_tests import ComponentTests, with_tests

BY_DEFAULT = False
FRESH = False
SECONDS = 2400
BUILD = RESULTS = None  # set by lab/run


@with_tests
class Components(ComponentTests):
    TESTS = ("vnet-control", "router-site")
