// bulkhead-serial: owns one serial line and serves it to one virtual machine.
#include "passthrough/owner_process.hpp"
#include "passthrough/serial/confinement.hpp"
#include "passthrough/serial/options.hpp"
#include "passthrough/serial/owner.hpp"

int main(int argc, char** argv) {
    using namespace bulkhead::passthrough;
    return run({.name = "bulkhead-serial",
                .parse = serial::parse_options,
                .open = serial::Owner::open,
                .confine = serial::confine,
                .describe = [](const auto& options) { return to_string(options.assignment.line); }},
               argc, argv);
}
