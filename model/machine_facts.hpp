// What a machine is started with, as libvirt will do it: read from its definition, not from what we once
// wrote there.
#pragma once

#include <filesystem>
#include <string>

#include "model/names.hpp"

namespace bulkhead::model {

struct MachineFacts {
    PartitionName partition;
    std::string uid;
    std::string image_digest;  // of the manifest
    std::filesystem::path emulator;
    std::filesystem::path firmware;
    std::filesystem::path kernel;
    std::filesystem::path initrd;
    std::string command_line;      // of the image: what we add for each partition is taken off
    std::string emulator_command;  // QEMU's command line; what differs from start to start is taken out
    bool tpm = false;
};

}  // namespace bulkhead::model
