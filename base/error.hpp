// The one error type. An error says what went wrong with which value, where, what was wanted, and how to mend
// it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead {

// Stable: scripts test these names (they appear in JSON and after "error:"). Append only.
enum class Code {
    invalid,      // the input is wrong; nothing was changed
    not_found,    // what was named does not exist
    refused,      // policy or a missing permission says no
    locked,       // a person of the plant locked it
    conflict,     // it contradicts what is there
    unavailable,  // something needed is not there now; trying again may help
    unsupported,  // this host can't do it
    corrupt,      // stored data or a part does not match its digest or schema
    newer,        // written by a newer version of Bulkhead
    timeout,      // it did not happen in time
    io,           // the operating system refused
    internal,     // a defect of ours
};

std::string_view code_name(Code code);

struct Error {
    Code code = Code::internal;
    std::string what;    // what is wrong, with the offending value
    std::string where;   // factory.yaml:14:9, a path, an object; empty if it is nowhere in particular
    std::string wanted;  // what would have been right; empty if nothing can be said
    std::string mend;    // the command or edit that mends it; empty if unknown

    // One line: "where: what; wanted ...; mend". No trailing newline.
    std::string text() const;
};

using Errors = std::vector<Error>;

template <class T = void>
using Result = std::expected<T, Error>;

std::unexpected<Error> fail(Code code, std::string what, std::string where = {}, std::string wanted = {},
                            std::string mend = {});

// The current errno as an Error: "what: No such file or directory".
std::unexpected<Error> fail_errno(std::string what, std::string where = {});
std::unexpected<Error> fail_errno(int number, std::string what, std::string where = {});

}  // namespace bulkhead

// Returns the error of a Result<...> expression to the caller, as Rust's `?` does.
#define BULKHEAD_TRY(expression)                                            \
    do {                                                                    \
        if (auto bulkhead_try_result = (expression); !bulkhead_try_result)  \
            return std::unexpected(std::move(bulkhead_try_result).error()); \
    } while (false)

// BULKHEAD_TRY_ASSIGN(auto fd, open(...)): declares or assigns from a Result<T>, or returns its error.
#define BULKHEAD_CONCAT_(a, b) a##b
#define BULKHEAD_CONCAT(a, b) BULKHEAD_CONCAT_(a, b)
#define BULKHEAD_TRY_ASSIGN(target, expression)                                                 \
    auto BULKHEAD_CONCAT(bulkhead_result_, __LINE__) = (expression);                            \
    if (!BULKHEAD_CONCAT(bulkhead_result_, __LINE__))                                           \
        return std::unexpected(std::move(BULKHEAD_CONCAT(bulkhead_result_, __LINE__)).error()); \
    target = std::move(*BULKHEAD_CONCAT(bulkhead_result_, __LINE__))  // NOLINT(bugprone-macro-parentheses)
