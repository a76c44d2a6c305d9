#include "policies/profile.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/text.hpp"

namespace bulkhead::policies {
namespace {

constexpr std::size_t longest_profile = 64 * 1024;

constexpr std::array<std::pair<std::string_view, int>, 4> errors{
    {{"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EACCES", EACCES}, {"EINVAL", EINVAL}}};

std::optional<std::uint64_t> parse_value(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// argN=VALUE or argN&MASK=VALUE
std::optional<ArgumentIs> parse_argument(std::string_view text) {
    if (!text.starts_with("arg") || text.size() < 6 || text[3] < '0' || text[3] > '5') return std::nullopt;
    ArgumentIs argument{.index = static_cast<unsigned>(text[3] - '0')};
    text.remove_prefix(4);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto value = parse_value(text.substr(equals + 1));
    if (!value) return std::nullopt;
    argument.value = *value;
    if (equals == 0) return argument;
    const auto mask = parse_value(text.substr(1, equals - 1));
    if (text[0] != '&' || !mask) return std::nullopt;
    argument.mask = *mask;
    return argument;
}

std::optional<int> parse_errno(std::string_view text) {
    if (!text.starts_with("errno=")) return std::nullopt;
    const auto found = std::ranges::find(errors, text.substr(6), &std::pair<std::string_view, int>::first);
    if (found == errors.end()) return std::nullopt;
    return found->second;
}

bool is_call_name(std::string_view text) {
    return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

Result<ProfileEntry> parse_entry(std::string_view line, const std::string& where) {
    const auto hash = line.find('#');
    ProfileEntry entry;
    if (hash != std::string_view::npos) entry.reason = trimmed(line.substr(hash + 1));
    if (entry.reason.empty())
        return fail(Code::invalid, "'" + printable(trimmed(line), 60) + "' has no reason", where,
                    "CALL # why the program needs it");
    for (const auto& word : split_text(line.substr(0, hash), ' ')) {
        if (word.empty()) continue;
        if (entry.call.empty() && is_call_name(word))
            entry.call = word;
        else if (const auto argument = parse_argument(word); argument && !entry.only_if)
            entry.only_if = argument;
        else if (const auto error = parse_errno(word); error && entry.error == 0)
            entry.error = *error;
        else
            return fail(Code::invalid, "'" + printable(word, 40) + "' is not understood", where,
                        "CALL [argN[&MASK]=VALUE] [errno=ENOSYS|EPERM|EACCES|EINVAL] # reason");
    }
    return entry;
}

}  // namespace

Result<Profile> parse_profile(std::string_view text, std::string_view name) {
    if (text.size() > longest_profile)
        return fail(Code::invalid, "the profile is larger than 64 KiB", std::string(name));
    Profile profile;
    std::size_t number = 0;
    for (const auto& line : split_text(text, '\n')) {
        ++number;
        const auto content = trimmed(line);
        if (content.empty() || content.starts_with('#')) continue;
        BULKHEAD_TRY_ASSIGN(ProfileEntry entry,
                            parse_entry(content, std::string(name) + ":" + std::to_string(number)));
        profile.entries.push_back(std::move(entry));
    }
    return profile;
}

}  // namespace bulkhead::policies
