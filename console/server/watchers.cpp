#include "console/server/watchers.hpp"

#include <algorithm>

namespace bulkhead::console {
namespace {

bool may_hear(const Viewer& viewer, const Change& change, const std::set<std::string>& tenants) {
    if (change.kind == "user") return viewer.may(Right::manage_users);
    return viewer.role != Role::vendor || tenants.contains(viewer.tenant);
}

}  // namespace

std::shared_ptr<void> Watchers::add(const Viewer& viewer, Fleet::Watch callback) {
    auto watcher = std::make_shared<Watcher>();
    watcher->viewer = viewer;
    watcher->callback = std::move(callback);
    {
        const std::scoped_lock lock(list_->mutex);
        list_->all.push_back(watcher);
    }
    return {watcher.get(), [watcher, list = list_](void*) {
                {
                    const std::scoped_lock lock(watcher->mutex);
                    watcher->ended = true;
                }
                const std::scoped_lock lock(list->mutex);
                std::erase(list->all, watcher);
            }};
}

void Watchers::tell(const Change& change, const std::set<std::string>& tenants) {
    std::vector<std::shared_ptr<Watcher>> all;
    {
        const std::scoped_lock lock(list_->mutex);
        all = list_->all;
    }
    for (const auto& watcher : all) {
        const std::scoped_lock lock(watcher->mutex);
        if (!watcher->ended && may_hear(watcher->viewer, change, tenants)) watcher->callback(change);
    }
}

}  // namespace bulkhead::console
