// The bundles that lie on this gateway, whether anybody runs them or not.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/layout.hpp"
#include "model/spec.hpp"

namespace bulkhead::images {

inline constexpr const char* bundle_file = "bundle.tar";  // in the folder of its digest

struct ShelvedBundle {
    model::BundleReference reference;
    std::uint64_t size = 0;  // bytes, as it was pushed; its disk is not counted
    UtcTime pushed;
};

// By name and digest. What is no bundle's place, or was left without its file by a crash, is none.
Result<std::vector<ShelvedBundle>> shelved_bundles(const model::Layout& layout);

// Bytes of all of them but `except`.
Result<std::uint64_t> size_of_shelved(const model::Layout& layout, const model::BundleReference& except);

// With the disk that was made of it. A machine that has the disk open keeps it until it stops.
// Code::not_found if it is not there.
Result<> remove_shelved(const model::Layout& layout, const model::BundleReference& reference);

}  // namespace bulkhead::images
