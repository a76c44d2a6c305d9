#include "passthrough/serial_lines.hpp"

namespace bulkhead::passthrough {

std::vector<std::string> SerialLines::own_arguments(const model::Assignment& assignment) const {
    std::vector<std::string> own{"--line", model::to_string(assignment.line)};
    if (auto rules = to_string(assignment.rules); !rules.empty()) {
        own.emplace_back("--guard");
        own.push_back(std::move(rules));
    }
    return own;
}

}  // namespace bulkhead::passthrough
