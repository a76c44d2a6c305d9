// What our documents and answers say of the API that they are of.
#pragma once

namespace bulkhead::v1alpha1 {

inline constexpr const char* api_version = "bulkhead/v1alpha1";

}  // namespace bulkhead::v1alpha1
