// bulkhead-can: owns one port on a CAN bus, and carries what its guard lets pass.
#include "passthrough/can/confinement.hpp"
#include "passthrough/can/options.hpp"
#include "passthrough/can/owner.hpp"
#include "passthrough/owner_process.hpp"

int main(int argc, char** argv) {
    using namespace bulkhead::passthrough;
    return run({.name = "bulkhead-can",
                .parse = can::parse_options,
                .open = can::Owner::open,
                .confine = can::confine,
                .describe = [](const auto& options) { return to_string(options.assignment.rules); }},
               argc, argv);
}
