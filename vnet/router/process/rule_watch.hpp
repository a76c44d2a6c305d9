// Tells when somebody else changes the rules of this network namespace. The kernel announces each change of
// nftables as a new generation, with who made it (NFT_MSG_NEWGEN, linux/netfilter/nf_tables.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"

namespace bulkhead::vnet::router {

class RuleWatch {
  public:
    using Told = std::function<void(const std::string& who)>;

    // Of the thread's network namespace, from now on. `told` is called on the loop, once for all changes that
    // came together.
    static Result<std::unique_ptr<RuleWatch>> open(Loop& loop, Told told);
    ~RuleWatch();
    RuleWatch(const RuleWatch&) = delete;
    RuleWatch& operator=(const RuleWatch&) = delete;

    // One change of our own was made since the last call.
    void made_one() { ++own_; }

  private:
    RuleWatch(Loop& loop, Fd socket, Told told)
        : loop_(loop), socket_(std::move(socket)), told_(std::move(told)) {}
    void read();
    void take(std::string_view datagram);

    Loop& loop_;
    const Fd socket_;
    const Told told_;
    unsigned own_ = 0;
    std::string foreign_;  // who made the latest change that is none of ours; empty: nobody
};

}  // namespace bulkhead::vnet::router
