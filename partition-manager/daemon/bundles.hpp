// The gateway's bundles, as people deal with them: push one, see them, take away what nobody runs.
#pragma once

#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "images/bundle/store.hpp"
#include "model/layout.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "policies/gateway_policy.hpp"

namespace bulkhead::daemon {

class Bundles {
  public:
    Bundles(const model::Layout& layout, const policies::Policy& policy, const Board& board)
        : layout_(layout), policy_(policy), board_(board) {}

    // From any thread.
    Result<images::IncomingBundle> begin() const;
    Result<v1alpha1::BundleList> list() const;
    // On the worker, so that no apply names it meanwhile. Code::conflict while the spec in force does.
    Result<v1alpha1::StoredBundle> remove(const std::string& reference) const;

  private:
    std::vector<std::string> users_of(const model::BundleReference& reference) const;

    const model::Layout& layout_;
    const policies::Policy& policy_;
    const Board& board_;
};

}  // namespace bulkhead::daemon
