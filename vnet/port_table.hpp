// The ports that the switch's maps know. The maps are the state: nothing is kept here.
#pragma once

#include <optional>
#include <vector>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "vnet/program.hpp"

namespace bulkhead::vnet {

struct PortRecord {
    Slot slot = 0;
    model::Port port;
    bool operator==(const PortRecord&) const = default;
};

class PortTable {
  public:
    explicit PortTable(const Program& program) : program_(program) {}

    Result<std::vector<PortRecord>> all() const;
    Result<std::optional<PortRecord>> find(const model::PortName& name) const;

    // Writes down what is meant to be, before anything is made. Frames are not judged by it yet. A record of
    // the same name keeps its slot; a new one starts with its counters at zero.
    Result<PortRecord> record(const model::Port& port);
    // From now on frames of this interface are the port's.
    Result<> admit(const PortRecord& record, unsigned ifindex);
    Result<bool> admits(const PortRecord& record, unsigned ifindex) const;
    // From now on no frame is the port's, from whatever interface.
    Result<> expel(Slot slot);
    Result<> forget(Slot slot);

  private:
    const Program& program_;
};

}  // namespace bulkhead::vnet
