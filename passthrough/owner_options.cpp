#include "passthrough/owner_options.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "base/name.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::passthrough {
namespace {

constexpr std::array<std::string_view, 6> required{"--device", "--partition", "--token",
                                                   "--at",     "--socket",    "--control"};
constexpr std::string_view socket_user = "--socket-user";
constexpr std::string_view terms = "--terms";

using Given = std::map<std::string_view, std::string>;

Result<Given> collect(std::span<const char* const> arguments, const std::vector<std::string_view>& known) {
    Given given;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const auto name = std::ranges::find(known, std::string_view(arguments[i]));
        if (name == known.end())
            return fail(Code::invalid, "unknown option '" + printable(arguments[i], 64) + "'", {}, {},
                        "nearest: " + nearest(arguments[i], known));
        if (i + 1 == arguments.size()) return fail(Code::invalid, std::string(*name) + " needs a value");
        // Known names are the caller's constants: they outlive what is made of them here.
        if (!given.emplace(*name, arguments[i + 1]).second)
            return fail(Code::invalid, std::string(*name) + " is given twice");
    }
    return given;
}

Result<> require(Given& given, std::span<const std::string_view> names) {
    for (const auto name : names)
        if (!given.contains(name) || given[name].empty())
            return fail(Code::invalid, std::string(name) + " is missing");
    return {};
}

}  // namespace

Result<OwnerArguments> parse_owner_arguments(std::span<const char* const> arguments, const OwnKinds& kinds) {
    std::vector<std::string_view> known(required.begin(), required.end());
    known.push_back(socket_user);
    known.push_back(terms);
    for (const auto& more : {kinds.required, kinds.optional})
        known.insert(known.end(), more.begin(), more.end());
    BULKHEAD_TRY_ASSIGN(Given given, collect(arguments, known));
    BULKHEAD_TRY(require(given, required));
    BULKHEAD_TRY(require(given, kinds.required));
    for (const auto name : {"--device", "--partition"})
        if (!is_label(given[name]))
            return fail(Code::invalid, "'" + printable(given[name], 64) + "' is not a name", name);
    BULKHEAD_TRY_ASSIGN(const std::uint64_t token,
                        parse_number(given["--token"], 0, std::numeric_limits<std::uint64_t>::max()));
    for (const auto name : {"--socket", "--control"})
        if (!given[name].starts_with('/'))
            return fail(Code::invalid, "'" + printable(given[name], 256) + "' is not an absolute path", name);
    OwnerArguments parsed{{{model::DeviceName(given["--device"]),
                            model::PartitionName(given["--partition"]),
                            token,
                            given["--at"],
                            {}},
                           given["--socket"],
                           given["--control"]},
                          {}};
    if (given.contains(socket_user)) parsed.options.socket_user = given[socket_user];
    if (given.contains(terms)) {
        BULKHEAD_TRY_ASSIGN(parsed.options.assignment.terms, model::parse_device_terms(given[terms]));
    }
    for (const auto name : required) given.erase(name);
    given.erase(socket_user);
    given.erase(terms);
    parsed.own = std::move(given);
    return parsed;
}

std::vector<std::string> owner_command(std::string_view program, const OwnerOptions& options) {
    const auto& assignment = options.assignment;
    std::vector<std::string> command{std::string(program),
                                     "--device",
                                     assignment.device.str(),
                                     "--partition",
                                     assignment.partition.str(),
                                     "--token",
                                     std::to_string(assignment.token),
                                     "--at",
                                     assignment.at,
                                     "--socket",
                                     options.socket.string(),
                                     "--control",
                                     options.control.string()};
    if (assignment.terms.trusted)
        command.insert(command.end(), {std::string(terms), to_string(assignment.terms)});
    return command;
}

std::optional<uid_t> user_of(const std::string& name) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::nullopt;
    return entry.pw_uid;
}

}  // namespace bulkhead::passthrough
