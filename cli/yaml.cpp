#include "cli/yaml.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace bulkhead::cli {
namespace {

using Json = nlohmann::ordered_json;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Plain scalars start with a letter (so no number, date or indicator) and hold nothing that YAML reads
// anything into.
bool is_plain(std::string_view text) {
    constexpr std::array words{"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"};
    if (text.empty() || !is_letter(text[0]) || text.back() == ' ') return false;
    const bool harmless = std::ranges::all_of(text, [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || std::string_view(" -_./+()=").contains(c);
    });
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return harmless && std::ranges::find(words, lower) == words.end();
}

std::string escaped(unsigned char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    return std::string("\\x") + digits[c >> 4] + digits[c & 15];
}

// Double-quoted. Control characters, C1 and DEL among them, are escaped: this may land on a terminal.
std::string double_quoted(std::string_view raw) {
    const std::string text = valid_utf8(raw);
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (c == '"' || c == '\\')
            (out += '\\') += text[i];
        else if (c == '\n')
            out += "\\n";
        else if (c < 0x20 || c == 0x7F)
            out += escaped(c);
        else if (c == 0xC2 && next < 0xA0)
            out += escaped(static_cast<unsigned char>(next)), ++i;
        else
            out += text[i];
    }
    return out + '"';
}

std::string scalar(const Json& value) {
    if (!value.is_string()) return value.dump();  // numbers, true, false, null, [] and {} read the same
    const auto& text = value.get_ref<const std::string&>();
    return is_plain(text) ? text : double_quoted(text);
}

bool is_block(const Json& value) {
    return value.is_structured() && !value.empty();
}

void write(const Json& value, std::size_t indent, std::string& out);

// After "key:" or "-".
void write_value(const Json& value, std::size_t indent, std::string& out) {
    if (!is_block(value)) {
        out += " " + scalar(value) + "\n";
        return;
    }
    out += "\n";
    write(value, indent, out);
}

void write(const Json& value, std::size_t indent, std::string& out) {
    const std::string margin(indent, ' ');
    if (value.is_object()) {
        for (const auto& [key, item] : value.items()) {
            out += margin + (is_plain(key) ? key : double_quoted(key)) + ":";
            write_value(item, indent + 2, out);
        }
        return;
    }
    for (const auto& item : value) {
        if (!is_block(item)) {
            out += margin + "- " + scalar(item) + "\n";
            continue;
        }
        // The first key stands on the dash's line.
        std::string inner;
        write(item, indent + 2, inner);
        inner[indent] = '-';
        out += inner;
    }
}

}  // namespace

std::string yaml_text(const nlohmann::ordered_json& value) {
    if (!is_block(value)) return scalar(value) + "\n";
    std::string out;
    write(value, 0, out);
    return out;
}

}  // namespace bulkhead::cli
