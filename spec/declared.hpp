#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/fields.hpp"
#include "spec/findings.hpp"

namespace bulkhead::spec {

// The names of one noun that a document declares, and the references to them.
class Declared {
  public:
    explicit Declared(std::string_view noun) : noun_(noun) {}

    // A new name: must be a label and not there yet.
    void declare(Findings& findings, const std::string& path, const std::string& name,
                 std::size_t longest = 63);
    // A required reference: the index of what it names among the declared ones, or npos if there is none,
    // which is told.
    std::size_t refer(Findings& findings, const std::string& path, const std::string& name) const;

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  private:
    std::string noun_;
    std::vector<std::string> names_;  // by index
    Unique unique_;
};

}  // namespace bulkhead::spec
