// Gateways that a console believes to be enrolled. A thousand TPMs would measure swtpm, so the console's own
// code writes them into its database: their certificates are real, of its CA, and their EKs and AKs are not.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace bulkhead::benchmarks {

struct Enrolment {
    std::filesystem::path state;   // of the console, which does not run
    std::filesystem::path folder;  // of the gateways: an identity each
    std::string console;           // HOST:PORT that they dial
    std::size_t gateways = 0;
};

std::string gateway_name(std::size_t number);
Result<> enrol(const Enrolment& enrolment);

}  // namespace bulkhead::benchmarks
