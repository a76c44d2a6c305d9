#include "cli/site_values.hpp"

#include <algorithm>
#include <set>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_value = 256;
constexpr std::string_view meaningful = "{}[],#&*!|>'\"%@`\\";

bool is_variable(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && name.front() >= 'a' && name.front() <= 'z' &&
           std::ranges::all_of(
               name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// Stays one scalar, wherever it is put.
bool is_one_scalar(std::string_view text) {
    const auto harmless = [](char c) { return c >= ' ' && c != 0x7F && !meaningful.contains(c); };
    return !text.empty() && text.size() <= longest_value && std::ranges::all_of(text, harmless) &&
           text.find(": ") == std::string_view::npos && text.back() != ':' && text.front() != ' ' &&
           text.front() != '-' && text.front() != '?';
}

Error error_at(std::string_view file_name, yaml::Mark at, std::string what, std::string wanted,
               std::string mend = {}) {
    return {Code::invalid, std::move(what), yaml::place(file_name, at), std::move(wanted), std::move(mend)};
}

// Reads on, knowing where it is.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool next_is(std::string_view word) const { return rest_.starts_with(word); }
    yaml::Mark at() const { return at_; }

    std::string_view take(std::size_t count) {
        const auto taken = rest_.substr(0, count);
        for (const char c : taken) {
            const bool continues =
                (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // of one character, in UTF-8
            if (c == '\n')
                at_ = {at_.line + 1, 1};
            else if (!continues)
                ++at_.column;
        }
        rest_.remove_prefix(taken.size());
        return taken;
    }
    bool is_comment() const {
        const auto first = rest_.find_first_not_of(" \t");
        return at_.column == 1 && first != std::string_view::npos && rest_[first] == '#';
    }
    std::string_view take_line() { return take(std::min(rest_.find('\n'), rest_.size() - 1) + 1); }
    // What is before the brace that closes a variable; nothing if the line ends first.
    std::string_view name() const {
        const auto end = rest_.find_first_of("}\n", 2);
        if (end == std::string_view::npos || rest_[end] != '}') return {};
        return rest_.substr(2, end - 2);
    }

  private:
    std::string_view rest_;
    yaml::Mark at_;
};

std::string nearest_value(const std::string& name, const SiteValues& values) {
    std::vector<std::string> known;
    for (const auto& [each, value] : values) known.push_back(each);
    const auto near = nearest(name, known);
    return near.empty() ? std::string() : "did you mean ${" + near + "}?";
}

}  // namespace

std::expected<SiteValues, Errors> parse_site_values(std::string_view text, std::string_view file_name) {
    const auto root = yaml::parse(text, file_name);
    if (!root) return std::unexpected(root.error());
    if (root->kind != yaml::Kind::map)
        return std::unexpected(Errors{error_at(file_name, root->at, "this is " + yaml::describe(*root),
                                               "values by name, such as plant_card: enp2s0")});
    SiteValues values;
    Errors errors;
    for (const auto& node : root->children) {
        if (!is_variable(node.key))
            errors.push_back(error_at(file_name, node.key_at,
                                      "'" + printable(node.key, longest_name) + "' can't be a name here",
                                      "lower-case letters, digits and _, such as plant_card"));
        else if (node.kind != yaml::Kind::scalar || !is_one_scalar(node.text))
            errors.push_back(
                error_at(file_name, node.at, node.key + " can't be " + yaml::describe(node),
                         "one text without a line break or a sign that means something to YAML"));
        else
            values[node.key] = {node.text, node.at};
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return values;
}

std::expected<std::string, Errors> fill_in(std::string_view text, std::string_view file_name,
                                           const SiteValues& values, std::string_view values_name) {
    std::string out;
    Errors errors;
    std::set<std::string> used;
    Cursor cursor(text);
    while (!cursor.at_end() && errors.size() < yaml::most_errors) {
        if (cursor.is_comment()) {
            out += cursor.take_line();
            continue;
        }
        if (cursor.next_is("$${")) {
            cursor.take(1);
            out += cursor.take(2);
            continue;
        }
        if (!cursor.next_is("${")) {
            out += cursor.take(1);
            continue;
        }
        const std::string name(cursor.name());
        const auto value = values.find(name);
        if (!is_variable(name))
            errors.push_back(error_at(file_name, cursor.at(), "'${' without a name and '}'", "${name}",
                                      "for the signs themselves write $${"));
        else if (value == values.end())
            errors.push_back(error_at(file_name, cursor.at(), "${" + name + "} has no value",
                                      values_name.empty()
                                          ? "a file of values, with --values FILE"
                                          : "a line '" + name + ": ...' in " + std::string(values_name),
                                      nearest_value(name, values)));
        else
            out += value->second.text;
        used.insert(name);
        cursor.take(2 + (is_variable(name) ? name.size() + 1 : 0));
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    for (const auto& [name, value] : values)
        if (!used.contains(name))
            errors.push_back(error_at(values_name, value.at,
                                      "nothing in " + std::string(file_name) + " asks for " + name, {},
                                      "remove it, or write ${" + name + "} there"));
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return out;
}

}  // namespace bulkhead::cli
