// What came, went and moved between two looks at the buses.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "passthrough/inventory/inventory.hpp"

namespace bulkhead::passthrough::inventory {

struct Change {
    enum class What { appeared, vanished, moved } what = What::appeared;
    Device device;     // as it was, if it vanished
    std::string from;  // id of the place that it moved from
    bool operator==(const Change&) const = default;
};

// Remembers where each device that says who it is (vendor, product, serial number) was seen last. One that
// does not, and appears elsewhere, is another one: nothing is guessed.
class Changes {
  public:
    // The first look is what there is: nothing has changed.
    std::vector<Change> note(const Inventory& now);

  private:
    void remember(const Device& device);
    std::string came_from(const Device& device, const Inventory& now) const;

    bool looked_ = false;
    Inventory before_;
    std::map<std::string, std::string> places_;  // identity -> id; at most 1,024
};

}  // namespace bulkhead::passthrough::inventory
