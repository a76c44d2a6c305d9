#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "model/layout.hpp"

namespace bulkhead::daemon {

struct Options {
    model::Layout layout;
    std::string libvirt = "qemu:///system";
    std::filesystem::path policy;                    // the gateway policy; empty: the one that was installed
    std::filesystem::path profiles;                  // folder of seccomp profiles
    std::filesystem::path serial_owner;              // the program bulkhead-serial
    std::filesystem::path line_arbiter;              // the program bulkhead-line
    std::filesystem::path usb_owner;                 // the program bulkhead-usb
    std::filesystem::path can_owner;                 // the program bulkhead-can
    std::filesystem::path router;                    // the program bulkhead-router
    std::filesystem::path guard;                     // the program bulkhead-guard
    std::filesystem::path capture;                   // the program bulkhead-capture
    std::filesystem::path swtpm = "/usr/bin/swtpm";  // the program of a partition's TPM
    // TCTI string of the host's TPM; empty: there is none, and nothing is measured.
    std::string tpm;
    bool confined = true;
};

// Help, version and usage errors are printed here.
struct ParsedOptions {
    Options options;
    int exit_code = -1;  // 0 or more: the program ends with it
};
ParsedOptions parse_options(int argc, char** argv);

}  // namespace bulkhead::daemon
