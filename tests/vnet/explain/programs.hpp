// The real programs, loaded to explain and on no interface: a frame is run through them by BPF_PROG_TEST_RUN.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "vnet/explain/evaluate.hpp"

namespace bulkhead::vnet::test {

// A network of this process's own, with some interfaces in it; frames are said to come from those.
class Interfaces {
  public:
    explicit Interfaces(unsigned count);
    const std::vector<unsigned>& numbers() const { return numbers_; }

  private:
    std::vector<Fd> taps_;
    std::vector<unsigned> numbers_;
};

class Programs {
  public:
    Programs();
    ~Programs();
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    // Takes the former Ir out and puts this one in, with these buckets; connections are forgotten.
    void hold(const Ir& ir, const Table<std::uint32_t, switch_bucket>& buckets);
    // BPF_PROG_TEST_RUN takes no frame that ends within its IP header, or right behind Ethernet's.
    static bool can_run(const explain::Arrival& arrival);
    switch_explained run(const explain::Arrival& arrival);

  private:
    struct Loaded;
    void forget();
    std::unique_ptr<Loaded> loaded_;
    Ir held_;
    Table<std::uint32_t, switch_bucket> buckets_;
};

}  // namespace bulkhead::vnet::test
