// Assigns devices to partitions, each by the mode of its kind.
#pragma once

#include <map>
#include <vector>

#include "model/driver.hpp"
#include "passthrough/mode.hpp"

namespace bulkhead::passthrough {

class DeviceDriver final : public model::Driver {
  public:
    explicit DeviceDriver(std::vector<Mode*> modes) : modes_(std::move(modes)) {}

    std::string_view name() const override { return "device"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

    // For the views; byte counters are of now. May be called from any thread; takes up to a second for each
    // owner of a line that hangs.
    std::map<model::DeviceName, Hold> holds() const;

  private:
    std::vector<Mode*> modes_;
};

}  // namespace bulkhead::passthrough
