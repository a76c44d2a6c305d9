#include "guest-agent/application_output.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bulkhead::agent {

void LineCutter::feed(std::string_view chunk, const std::function<void(std::string)>& line) {
    while (!chunk.empty()) {
        const auto end = chunk.find('\n');
        const auto part = chunk.substr(0, end);
        partial_ += part.substr(0, longest_line - std::min(longest_line, partial_.size()));
        if (end == std::string_view::npos) return;
        finish(line);
        chunk.remove_prefix(end + 1);
    }
}

void LineCutter::finish(const std::function<void(std::string)>& line) {
    if (auto text = printable(partial_, longest_line); !text.empty()) line(std::move(text));
    partial_.clear();
}

Meaning meaning_of(std::string_view line) {
    using enum Meaning::Kind;
    if (line == "ok") return {fine, {}};
    if (line.starts_with("reading:")) return {reading, trimmed(line.substr(8))};
    if (line.starts_with("degraded:")) return {degraded, trimmed(line.substr(9))};
    return {log, line};
}

}  // namespace bulkhead::agent
