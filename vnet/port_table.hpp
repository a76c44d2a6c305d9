// The ports that the switch's maps know: their records, and what the programs judge by.
#pragma once

#include <functional>

#include "base/error.hpp"
#include "vnet/grace.hpp"
#include "vnet/maps.hpp"
#include "vnet/state.hpp"

namespace bulkhead::vnet {

class PortTable {
  public:
    PortTable(const Maps& maps, State& state) : maps_(maps), state_(state) {}

    // Writes down what is meant to be, before anything is made. Frames are not judged by it yet. A record of
    // the same name keeps its slot; a new one starts with its counters at zero. One that was admitted and
    // changes is expelled before.
    Result<> record(const model::Port& port);
    // From now on frames of this interface are the port's; 0 for one that has none of its own.
    Result<> admit(const model::PortName& name, unsigned ifindex);
    // From now on no frame is the port's, from whatever interface, and none gets there.
    Result<> expel(const model::PortName& name);
    // Its rules are closed by then.
    Result<> forget(const model::PortName& name);

  private:
    Result<PlacedPort> place(const model::Port& port);
    Result<> refuse_taken_networks(const model::Port& port) const;
    Result<> change(const std::function<void(Network&)>& edit);
    Result<> take_away(const Ir& before, const Ir& after);
    Result<> bring(const Ir& before, const Ir& after);

    const Maps& maps_;
    State& state_;
    Grace grace_;  // of what this took out of the maps
};

}  // namespace bulkhead::vnet
