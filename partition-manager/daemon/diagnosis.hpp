// `bulkhead doctor`: what this host can and can't do, by name.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"
#include "images/store.hpp"
#include "partition-manager/hypervisor/capabilities.hpp"
#include "passthrough/inventory/inventory.hpp"
#include "vnet/features.hpp"

namespace bulkhead::daemon {

// Where the answers come from. Each may block; called from gRPC's threads.
struct DiagnosisSources {
    std::function<std::vector<hypervisor::Capability>()> hypervisor;
    std::function<std::vector<vnet::Feature>()> vnet;
    std::function<std::map<std::string, std::string>()> images;  // see state_of_images()
    std::function<std::string()> tpm;                            // what it is; empty: there is none
    // What is on the buses. Shared with other readers.
    std::function<std::shared_ptr<const passthrough::inventory::Inventory>()> inventory;
};

// Of each image by name: empty if it is sound, else what is wrong. By a store of its own, for any thread.
std::map<std::string, std::string> state_of_images(const model::Layout& layout, const Clock& clock);

class Diagnosis {
  public:
    explicit Diagnosis(DiagnosisSources sources) : sources_(std::move(sources)) {}
    v1alpha1::Diagnosis run() const;

  private:
    DiagnosisSources sources_;
};

}  // namespace bulkhead::daemon
