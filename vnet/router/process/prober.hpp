// Asks an uplink's targets, over that uplink alone, whether it leads anywhere.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/loop.hpp"
#include "model/router.hpp"
#include "vnet/router/health.hpp"

namespace bulkhead::vnet::router {

class Prober {
  public:
    // `changed`: it is healthy now and was not, or the other way round. Begins at once.
    Prober(Loop& loop, model::RouterUplink uplink, std::function<void()> changed);
    ~Prober();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;

    const model::RouterUplink& uplink() const { return uplink_; }
    bool healthy() const { return health_.healthy(); }

  private:
    // One round: all targets at once. What has not answered when the next one begins has failed.
    void begin_round();
    void end_round();
    Result<Fd> ask(const model::ProbeTarget& target);
    bool has_answered(int fd, const model::ProbeTarget& target);
    void forget_round();

    Loop& loop_;
    const model::RouterUplink uplink_;
    const std::function<void()> changed_;
    Health health_;
    std::map<int, Fd> asked_;
    bool answered_ = false;
    std::uint16_t sequence_ = 0;
    Loop::TimerId timer_ = 0;
};

}  // namespace bulkhead::vnet::router
