#include "spec/fields.hpp"

#include <algorithm>
#include <cctype>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::spec {
namespace {

// What a person who wrote a wrong name may have meant: Robot_Cell -> robot-cell.
std::string as_label(const std::string& value) {
    std::string label;
    for (const char c : value)
        label +=
            c == '_' || c == ' ' || c == '.' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    return label;
}

}  // namespace

std::string printed(std::string_view value) {
    return printable(value, 64) + (value.size() > 64 ? "..." : "");
}

std::string in_quotes(std::string_view value) {
    return "'" + printed(value) + "'";
}

std::string enumerated(const std::vector<std::string>& words) {
    static constexpr std::size_t most = 16;
    std::string text;
    for (std::size_t i = 0; i < words.size() && i < most; ++i)
        text += (i > 0 ? ", " : "") + printed(words[i]);
    if (words.size() > most) text += ", ...";
    return text;
}

std::string one_of(const std::vector<std::string>& words) {
    if (words.empty()) return "none, for there is none";
    return (words.size() == 1 ? "" : "one of ") + enumerated(words);
}

std::string field_name(std::string_view path) {
    if (path.empty()) return "the document";
    const auto dot = path.rfind('.');
    return printed(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

void missing(Findings& findings, const std::string& path, std::string wanted) {
    findings.add(path, field_name(path) + " is missing", std::move(wanted));
}

bool check_label(Findings& findings, const std::string& path, const std::string& value, std::size_t longest) {
    const std::string wanted = "a DNS label: at most " + std::to_string(longest) +
                               " of a-z, 0-9 and '-', a letter or digit at both ends";
    if (value.empty()) {
        missing(findings, path, wanted);
        return false;
    }
    if (is_label(value, longest)) return true;
    const std::string meant = as_label(value);
    findings.add(path, in_quotes(value) + " is not a name", wanted,
                 is_label(meant, longest) ? "write " + meant : "");
    return false;
}

void check_text(Findings& findings, const std::string& path, const std::string& value, std::size_t longest) {
    if (value.size() > longest)
        findings.add(path, field_name(path) + " is too long: " + std::to_string(value.size()) + " bytes",
                     "at most " + std::to_string(longest));
    else if (printable(value, longest) != value)
        findings.add(path, in_quotes(value) + " holds control characters", "one line of text");
}

void check_required_text(Findings& findings, const std::string& path, const std::string& value,
                         std::size_t longest) {
    if (trimmed(value).empty()) return missing(findings, path, "a text");
    check_text(findings, path, value, longest);
}

bool check_range(Findings& findings, const std::string& path, std::uint32_t value, std::uint32_t low,
                 std::uint32_t high) {
    const std::string wanted = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    if (value >= low && value <= high) return true;
    if (value == 0 && !findings.has(path))
        missing(findings, path, wanted);
    else
        findings.add(path, field_name(path) + " can't be " + std::to_string(value), wanted);
    return false;
}

std::optional<Bytes> check_size(Findings& findings, const std::string& path, const std::string& value,
                                Bytes least) {
    const auto size = parse_bytes(value);
    if (size && *size >= least && size->count % (1_MiB).count == 0) return *size;
    if (value.empty())
        missing(findings, path, "a size with a unit, such as 512MiB");
    else if (!size)
        findings.add(path, size.error());
    else if (*size < least)
        findings.add(path, in_quotes(value) + " is too small", to_string(least) + " or more");
    else
        findings.add(path, in_quotes(value) + " is not a whole number of MiB", "a multiple of 1MiB");
    findings.set_broken(path);
    return std::nullopt;
}

std::uint64_t check_rate(Findings& findings, const std::string& path, const std::string& value) {
    if (value.empty()) return 0;
    const auto rate = parse_bit_rate(value);
    if (!rate) findings.add(path, rate.error());
    return rate.value_or(0);
}

unsigned check_vlan(Findings& findings, const std::string& path, std::uint32_t value) {
    if (!findings.has(path)) return 0;
    return check_range(findings, path, value, 1, 4094) ? value : 0;
}

bool check_card(Findings& findings, const std::string& path, const std::string& value) {
    static constexpr std::string_view wanted = "the name of a network card of the gateway, such as enp3s0";
    if (value.empty()) {
        missing(findings, path, std::string(wanted));
        return false;
    }
    const bool ok = value.size() <= 15 && value != "." && value != ".." && value != "lo" &&
                    std::ranges::all_of(value, [](char c) {
                        return c > ' ' && c < 0x7F && c != '/' && c != ':' && c != '%';
                    });
    if (!ok)
        findings.add(path, in_quotes(value) + " can't be the name of a network card", std::string(wanted));
    return ok;
}

bool check_absolute_path(Findings& findings, const std::string& path, const std::string& value,
                         std::string wanted) {
    if (value.empty()) {
        missing(findings, path, std::move(wanted));
        return false;
    }
    bool ok = value.size() > 1 && value.size() <= 255 && value.front() == '/' &&
              std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7F; });
    if (ok)
        for (const auto& part : split_text(std::string_view(value).substr(1), '/'))
            ok = ok && !part.empty() && part != "." && part != "..";
    if (!ok) findings.add(path, in_quotes(value) + " is not a plain absolute path", std::move(wanted));
    return ok;
}

std::size_t check_count(Findings& findings, const std::string& path, int count, std::size_t most) {
    const auto number = static_cast<std::size_t>(count);
    if (number > most)
        findings.add(path, std::to_string(number) + " " + field_name(path) + " are too many",
                     "at most " + std::to_string(most));
    return std::min(number, most);
}

std::string item(std::string_view list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

const std::string* Unique::put(const std::string& value, const std::string& path) {
    const auto [first, fresh] = first_.try_emplace(value, path);
    return fresh ? nullptr : &first->second;
}

}  // namespace bulkhead::spec
