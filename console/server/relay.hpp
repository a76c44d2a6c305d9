// The calls of Control and Switch that a gateway answers for a person at the console, and what each asks of
// the person.
#pragma once

#include <string>

#include "base/error.hpp"
#include "console/server/viewer.hpp"

namespace bulkhead::console {

struct Relayed {
    Right right = Right::run;
    std::string partition;
    std::string subject;  // of a capture, instead
    std::string action;   // for the audit; empty: it changes nothing
    std::string detail;
    std::string device{};  // of a test, instead of a partition
};
// `request`: the first message of the call, serialised. Code::unsupported for any other method.
Result<Relayed> read_relayed(const std::string& method, const std::string& request);

}  // namespace bulkhead::console
