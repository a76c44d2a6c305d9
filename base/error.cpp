#include "base/error.hpp"

#include <cerrno>
#include <cstring>

namespace bulkhead {

std::string_view code_name(Code code) {
    switch (code) {
        case Code::invalid:
            return "invalid";
        case Code::not_found:
            return "not_found";
        case Code::refused:
            return "refused";
        case Code::locked:
            return "locked";
        case Code::conflict:
            return "conflict";
        case Code::unavailable:
            return "unavailable";
        case Code::unsupported:
            return "unsupported";
        case Code::corrupt:
            return "corrupt";
        case Code::newer:
            return "newer";
        case Code::timeout:
            return "timeout";
        case Code::io:
            return "io";
        case Code::internal:
            return "internal";
    }
    return "internal";
}

std::string Error::text() const {
    std::string line;
    if (!where.empty()) line += where + ": ";
    line += what;
    if (!wanted.empty()) line += "; wanted " + wanted;
    if (!mend.empty()) line += "; " + mend;
    return line;
}

std::unexpected<Error> fail(Code code, std::string what, std::string where, std::string wanted,
                            std::string mend) {
    return std::unexpected(
        Error{code, std::move(what), std::move(where), std::move(wanted), std::move(mend)});
}

std::unexpected<Error> fail_errno(int number, std::string what, std::string where) {
    const Code code = number == ENOENT ? Code::not_found : number == EAGAIN ? Code::unavailable : Code::io;
    return fail(code, what + ": " + std::strerror(number), std::move(where));
}

std::unexpected<Error> fail_errno(std::string what, std::string where) {
    return fail_errno(errno, std::move(what), std::move(where));
}

}  // namespace bulkhead
