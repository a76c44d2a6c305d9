#include "spec/time_zone.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/text.hpp"
#include "spec/fields.hpp"

namespace bulkhead::spec {
namespace {

// Parts of letters, digits, '_', '+' and '-' with '/' between: no way out of the database's folder.
bool is_zone_name(const std::string& name) {
    if (name.size() > 64) return false;
    return std::ranges::all_of(split_text(name, '/'), [](const std::string& part) {
        return !part.empty() && std::ranges::all_of(part, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c == '+' || c == '-';
        });
    });
}

// RFC 9636: a file of the database starts with TZif. The folder holds other files too.
bool is_zone_file(const std::filesystem::path& path) {
    std::error_code ec;
    if (!std::filesystem::is_regular_file(path, ec)) return false;
    std::string magic(4, '\0');
    std::ifstream(path, std::ios::binary).read(magic.data(), 4);
    return magic == "TZif";
}

}  // namespace

Result<> check_time_zone(const std::string& name, const std::filesystem::path& database) {
    std::error_code ec;
    if (is_zone_name(name) &&
        (name == "UTC" || !std::filesystem::exists(database, ec) || is_zone_file(database / name)))
        return {};
    return fail(Code::invalid, "there is no time zone " + in_quotes(name), {},
                "an IANA name such as Europe/Vienna");
}

}  // namespace bulkhead::spec
