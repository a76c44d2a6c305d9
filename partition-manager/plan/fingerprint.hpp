#pragma once

#include <string>

#include "base/error.hpp"
#include "model/spec.hpp"

namespace bulkhead::plan {

// What a machine has because its host has it, whatever the spec says.
struct OfHost {
    bool tpm = false;
    bool offloads = false;  // of checksums and segments
    bool operator==(const OfHost&) const = default;
};

// SHA-256 (hexadecimal) over a canonical text of all that a running machine can't take on without a restart:
// limits, image, TPM, offloads, volumes, devices with their lines as the guest has them, interfaces,
// application. Conduits, labels, the site, locks and how the host works a line are not in it: they change
// live or do not reach the machine. An error is OpenSSL's.
Result<std::string> fingerprint(const model::Spec& spec, const model::Partition& partition,
                                const std::string& image_digest, OfHost of_host = {});

// What differs, for people: "memory 192MiB -> 256MiB, cpus 1 -> 2". Empty if nothing does.
std::string differences(const model::Spec& before, const model::Partition& from, const model::Spec& after,
                        const model::Partition& to);

}  // namespace bulkhead::plan
