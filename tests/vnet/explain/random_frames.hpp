// Frames by chance, near enough to what is allowed that both answers are common: right ones, then bent.
#pragma once

#include "tests/vnet/explain/random_network.hpp"
#include "vnet/explain/words.hpp"

namespace bulkhead::vnet::test {

struct Sent {
    std::uint32_t ifindex = 0;
    std::vector<std::uint8_t> frame;
    unsigned gso_size = 0;
};

class Frames {
  public:
    Frames(Random& random, const Ir& ir);
    Sent next();

  private:
    struct Place {
        std::uint32_t ifindex = 0;
        switch_address address{};
    };
    explain::Words words(const Place& from);
    explain::Words answer() const;
    const switch_flow* rule_from(const switch_address& from, switch_address& to);
    switch_address some_address();
    std::vector<std::uint8_t> housekeeping(const Place& from);
    std::vector<std::uint8_t> layer2();
    std::vector<std::uint8_t> error_about_last(const Place& from);
    void bend(std::vector<std::uint8_t>& frame);
    Place place_of(const switch_address& address);

    Random& random_;
    const Ir& ir_;
    std::vector<Place> places_;
    std::vector<switch_address> addresses_;
    std::vector<explain::MacBytes> macs_;
    std::vector<explain::Words> past_;
};

}  // namespace bulkhead::vnet::test
