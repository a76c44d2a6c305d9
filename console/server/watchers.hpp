// Who wants to hear of changes. From any thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "console/server/fleet.hpp"

namespace bulkhead::console {

class Watchers {
  public:
    // Until the handle is destroyed; then it is called no more.
    std::shared_ptr<void> add(const Viewer& viewer, Fleet::Watch callback);
    // `tenants`: whose it is; a vendor hears of its own tenant's only.
    void tell(const Change& change, const std::set<std::string>& tenants);

  private:
    struct Watcher {
        Viewer viewer;
        Fleet::Watch callback;
        std::recursive_mutex mutex;  // a callback may end its own watch
        bool ended = false;
    };
    // Shared with handles, which may outlive this.
    struct List {
        std::mutex mutex;
        std::vector<std::shared_ptr<Watcher>> all;
    };
    std::shared_ptr<List> list_ = std::make_shared<List>();
};

}  // namespace bulkhead::console
