#include "tests/vnet/detached.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace bulkhead::vnet::test {

Result<> start_detached(const char* variable, const std::vector<std::string>& argv) {
    const char* program = std::getenv(variable);
    if (program == nullptr) return fail(Code::not_found, "nothing says where the program is", variable);
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't fork");
    if (child == 0) {
        if (::fork() != 0) ::_exit(0);
        std::vector<char*> words;
        for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        ::execv(program, words.data());
        ::_exit(127);
    }
    ::waitpid(child, nullptr, 0);
    return {};
}

}  // namespace bulkhead::vnet::test
