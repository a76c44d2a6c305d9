// Reference values: what IT signed as right. They come with the signed desired state, never from a gateway's
// report.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/error.hpp"
#include "model/spec.hpp"

namespace bulkhead::attestation {

// Digests in lower-case hexadecimal SHA-256. An empty set: nothing is allowed, not everything.
struct References {
    // Of the host: fact of the BOOT record -> allowed values.
    std::map<std::string, std::set<std::string>> host;
    // Programs that take part in a start (qemu, swtpm, firmware) -> allowed digests.
    std::map<std::string, std::set<std::string>> platform;
    // Image -> fact (kernel, initrd, command_line, image) -> digest.
    std::map<std::string, std::map<std::string, std::string>> images;
    // Partition -> digest of QEMU's normalised command line.
    std::map<std::string, std::string> argv;
    bool operator==(const References&) const = default;
};

std::string to_json(const References& references);
Result<References> references_from_json(std::string_view json, const std::string& where);

// The facts of a PARTITION_START that follow from the spec alone (devices, places if it has any,
// switch_policy, application, limits): the gateway records them, the console computes them again from the
// signed spec. Pure.
std::map<std::string, std::string> spec_facts(const model::Spec& spec, const model::Partition& partition);

// Where a partition's devices are that can be moved under it: all but PCI functions, whose place is among
// what a start fixes.
using Places = std::map<model::DeviceName, std::string>;
Places places_of(const model::Spec& spec, const model::Partition& partition);
std::string places_fact(const Places& places);

}  // namespace bulkhead::attestation
