#include "console/server/attempts.hpp"

#include <algorithm>

namespace bulkhead::console {
namespace {

using std::chrono::seconds;

constexpr unsigned free_tries = 4;
constexpr seconds longest{300};
constexpr std::size_t most_counts = 10'000;

seconds pause_after(unsigned failures) {
    if (failures <= free_tries) return seconds{0};
    return std::min(longest, seconds{1} * (1U << std::min(failures - free_tries, 10U)));
}

std::string known_key(const std::string& user, const std::string& address) {
    return "known:" + user + " " + address;
}

}  // namespace

std::vector<std::string> Attempts::keys_of(const std::string& user, const std::string& address) const {
    if (address.empty()) return {"user:" + user};
    if (auto key = known_key(user, address); known_.contains(key)) return {std::move(key)};
    return {"user:" + user, "address:" + address};
}

seconds Attempts::wait(const std::string& user, const std::string& address) {
    const std::scoped_lock lock(mutex_);
    auto longest_wait = seconds{0};
    for (const auto& key : keys_of(user, address))
        if (const auto found = counts_.find(key); found != counts_.end())
            longest_wait =
                std::max(longest_wait, std::chrono::ceil<seconds>(found->second.next - clock_.monotonic()));
    return longest_wait;
}

void Attempts::failed(const std::string& user, const std::string& address) {
    const std::scoped_lock lock(mutex_);
    forget_old();
    for (const auto& key : keys_of(user, address)) count(key);
}

void Attempts::succeeded(const std::string& user, const std::string& address) {
    const std::scoped_lock lock(mutex_);
    for (const auto& key : keys_of(user, address)) counts_.erase(key);
    if (address.empty()) return;
    if (known_.size() >= most_counts) known_.clear();
    known_.insert(known_key(user, address));
}

void Attempts::count(const std::string& key) {
    auto& count = counts_[key];
    ++count.failures;
    count.next = clock_.monotonic() + pause_after(count.failures);
}

void Attempts::forget_old() {
    std::erase_if(counts_,
                  [&](const auto& entry) { return entry.second.next + longest < clock_.monotonic(); });
    // A flood of names: starting anew is better than growing without end.
    if (counts_.size() >= most_counts) counts_.clear();
}

}  // namespace bulkhead::console
