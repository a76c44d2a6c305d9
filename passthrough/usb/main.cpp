// bulkhead-usb: owns whatever is plugged in at one USB port and serves it to one virtual machine.
#include "passthrough/owner_process.hpp"
#include "passthrough/usb/confinement.hpp"
#include "passthrough/usb/options.hpp"
#include "passthrough/usb/owner.hpp"

int main(int argc, char** argv) {
    using namespace bulkhead::passthrough;
    return run({.name = "bulkhead-usb",
                .parse = usb::parse_options,
                .open = usb::Owner::open,
                .confine = usb::confine,
                .describe = [](const auto& options) { return to_string(options.assignment.expect); }},
               argc, argv);
}
