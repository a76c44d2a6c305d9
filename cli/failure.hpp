// What ends a command early: errors for people and the exit code for scripts.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::cli {

// Documented in the man page; scripts test them.
enum class Exit { done = 0, failed = 1, usage = 2, unreachable = 3 };

// An error as it came over the wire: a newer manager may know codes that this program doesn't.
struct Problem {
    std::string code;
    std::string what;
    std::string where;
    std::string wanted;
    std::string mend;
    bool operator==(const Problem&) const = default;
};

Problem problem_of(const v1alpha1::ErrorDetail& detail);

struct Failure {
    std::vector<Problem> problems;
    Exit exit = Exit::failed;

    Failure() = default;
    Failure(Error error, Exit code = Exit::failed);  // so that a Result<> turns into an Outcome
    Failure(std::vector<Problem> list, Exit code) : problems(std::move(list)), exit(code) {}
};

Failure failure_of(const Errors& errors);

template <class T>
using Outcome = std::expected<T, Failure>;

std::unexpected<Failure> fail_usage(std::string what, std::string mend = {});

// "factory.yaml:9:1" before "factory.yaml:14:9": by name, then by line and column as numbers.
void sort_by_place(std::vector<Problem>& problems);

// error[code]: where: what
//   wanted: ...
//   mend: ...
// Sorted by place; control characters of foreign text are gone.
std::string failure_text(const Failure& failure, bool colour);

}  // namespace bulkhead::cli
