#include "vnet/router/lacks.hpp"

#include <gtest/gtest.h>

namespace bulkhead::vnet::router {
namespace {

// The programs are of setup/packages.txt, and this kernel routes in the other tests.
TEST(Lacks, names_nothing_where_routers_work) {
    for (const auto& lack : lacks())
        if (!lack.for_vlans) ADD_FAILURE() << lack.name << ": " << lack.why;
}

}  // namespace
}  // namespace bulkhead::vnet::router
