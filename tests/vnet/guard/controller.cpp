// controller ADDRESS: the server of the tests as a program, for machines that are no pens. Says "ready", and
// then of each request that it gets from whom and which function it asks for:
//   {"from":"10.30.1.10","function":3}
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "tests/vnet/guard/machines.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: controller ADDRESS\n", stderr);
        return 2;
    }
    testing::InitGoogleTest();
    const bulkhead::vnet::guard::test::Server server(
        ::getpid(), argv[1], [](const std::string& client, int function) {
            std::printf("{\"from\":\"%s\",\"function\":%d}\n", client.c_str(), function);
            std::fflush(stdout);
        });
    if (testing::Test::HasFailure()) return 1;  // it has said which
    std::puts("ready");
    std::fflush(stdout);
    while (true) ::pause();
}
