// For readers of JSON within one file: what is wrong in it is thrown like the library's own exceptions, and
// caught there.
#pragma once

#include <string>
#include <utility>

#include "base/error.hpp"

namespace bulkhead::model {

struct Malformed {
    std::string what;
};

// The value of a parser, or Malformed with its words.
template <class T>
T value(Result<T> result) {
    if (!result) throw Malformed{result.error().text()};
    return std::move(*result);
}

}  // namespace bulkhead::model
