#include "partition-manager/lifecycle/output.hpp"

#include <algorithm>

namespace bulkhead::lifecycle {

void Output::append(UtcTime time, std::string text) {
    {
        const std::scoped_lock lock(mutex_);
        lines_.push_back({++last_, time, std::move(text)});
        if (lines_.size() > kept_lines) lines_.pop_front();
    }
    appended_.notify_all();
}

std::vector<LoggedLine> Output::tail(std::size_t count) const {
    const std::scoped_lock lock(mutex_);
    const auto skipped = static_cast<std::ptrdiff_t>(lines_.size() - std::min(count, lines_.size()));
    return {lines_.begin() + skipped, lines_.end()};
}

std::vector<LoggedLine> Output::after(std::uint64_t number, std::chrono::milliseconds patience,
                                      const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    appended_.wait_for(lock, stop, patience, [&] { return last_ > number; });
    std::vector<LoggedLine> lines;
    std::ranges::copy_if(lines_, std::back_inserter(lines),
                         [number](const LoggedLine& line) { return line.number > number; });
    return lines;
}

std::uint64_t Output::last_number() const {
    const std::scoped_lock lock(mutex_);
    return last_;
}

}  // namespace bulkhead::lifecycle
