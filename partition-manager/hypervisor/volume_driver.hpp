// Makes volumes: raw files with an ext4 file system, one folder per partition.
#pragma once

#include <filesystem>

#include "model/driver.hpp"
#include "model/layout.hpp"

namespace bulkhead::hypervisor {

// A volume's space is taken when it is made: a full disk is met by the one who applies, with a message, and
// never by a machine's control as a failing write at night.
class VolumeDriver final : public model::Driver {
  public:
    explicit VolumeDriver(model::Layout layout) : layout_(std::move(layout)) {}

    std::string_view name() const override { return "volumes"; }
    bool handles(const model::Action& action) const override;
    Result<> observe(model::Observed& observed) override;
    Result<> execute(const model::Action& action) override;

  private:
    Result<> create(const model::VolumeDisk& disk) const;
    Result<> remove(const model::VolumeId& id) const;

    model::Layout layout_;
};

}  // namespace bulkhead::hypervisor
