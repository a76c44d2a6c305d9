#include "console/server/lines.hpp"

#include <utility>

namespace bulkhead::console {

void Lines::put(const std::string& gateway, const Shared& line) {
    Shared older;
    {
        const std::scoped_lock lock(mutex_);
        older = std::exchange(lines_[gateway], line);
    }
    if (older) older->end({Code::conflict, "a newer line of this gateway took over", gateway, {}, {}});
}

bool Lines::remove(const std::string& gateway, const Line* line) {
    Shared removed;  // destroyed without the lock
    const std::scoped_lock lock(mutex_);
    const auto found = lines_.find(gateway);
    if (found == lines_.end() || found->second.get() != line) return false;
    removed = std::move(found->second);
    lines_.erase(found);
    return true;
}

Lines::Shared Lines::find(const std::string& gateway) const {
    const std::scoped_lock lock(mutex_);
    const auto found = lines_.find(gateway);
    return found == lines_.end() ? nullptr : found->second;
}

std::vector<Lines::Shared> Lines::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Shared> all;
    for (const auto& [name, line] : lines_) all.push_back(line);
    return all;
}

}  // namespace bulkhead::console
