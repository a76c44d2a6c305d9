// The network cards that uplinks stand on: the host's own network stack has nothing to do with them, but they
// stay the host's, for several routers may share what is behind them.
#pragma once

#include <set>
#include <string>

#include "base/error.hpp"
#include "model/layout.hpp"
#include "model/names.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::router {

class Cards {
  public:
    // `links` outlives this.
    Cards(model::Layout layout, Links& links) : layout_(std::move(layout)), links_(links) {}

    // Whole: marks it as this tenant's, shuts it off from the host's stack, and up. Code::refused if the host
    // uses it: the way to the gateway may lead over it.
    Result<> take(const std::string& card, const model::TenantName& tenant);
    // For VLANs that others' VLANs and the host may stand beside: up, and otherwise as it is. One that the
    // tenant still has whole is shared once it is given back.
    Result<> share(const std::string& card, const model::TenantName& tenant);
    // Those that the tenant has whole, but `kept`, are as the host had them: with the settings of a new one,
    // and down unless they are `shared`.
    Result<> give_back(const model::TenantName& tenant, const std::set<std::string>& kept,
                       const std::set<std::string>& shared);

  private:
    std::string mark_of(const model::TenantName& tenant) const;

    const model::Layout layout_;
    Links& links_;
};

}  // namespace bulkhead::vnet::router
