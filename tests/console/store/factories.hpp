// Each database that can be a Store. The suite runs on all of them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "console/store/sqlite_store.hpp"
#include "tests/console/folder.hpp"

namespace bulkhead::console {

struct Factory {
    std::string name;
    std::function<Result<std::unique_ptr<Store>>(const Folder&, const Bounds&)> open;
};

inline Factory sqlite_factory() {
    return {"sqlite", [](const Folder& folder, const Bounds& bounds) -> Result<std::unique_ptr<Store>> {
                BULKHEAD_TRY_ASSIGN(auto store, SqliteStore::open(folder / "console.db", bounds));
                return std::unique_ptr<Store>(std::move(store));
            }};
}

}  // namespace bulkhead::console
