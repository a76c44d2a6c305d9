#include "images/bundle/document.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "yaml/document.hpp"

namespace bulkhead::images {
namespace {

using yaml::Kind;
using yaml::Node;

constexpr std::size_t most_arguments = 32;
constexpr std::size_t most_settings = 64;
constexpr std::size_t longest_text = 1024;
constexpr std::array<std::string_view, 10> known_keys{"apiVersion", "kind",        "name",        "version",
                                                      "tenant",     "description", "application", "arguments",
                                                      "memory",     "config"};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// As in the gateway's spec: it becomes an environment variable.
bool is_setting_key(std::string_view key) {
    return !key.empty() && key.size() <= 63 && is_letter(key[0]) &&
           std::ranges::all_of(key, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_version(std::string_view text) {
    return !text.empty() && text.size() <= 64 && (is_letter(text[0]) || is_digit(text[0])) &&
           std::ranges::all_of(text, [](char c) {
               return is_letter(c) || is_digit(c) ||
                      std::string_view(".-_+").find(c) != std::string_view::npos;
           });
}

class Reader {
  public:
    explicit Reader(std::string_view file_name) : file_name_(file_name) {}

    BundleDocument document(const Node& root) {
        BundleDocument out;
        if (root.kind != Kind::map) {
            refuse(root.at, "a bundle can't be " + yaml::describe(root), "a map that begins with apiVersion");
            return out;
        }
        for (const auto& child : root.children) check_key(child);
        exactly(root, "apiVersion", v1alpha1::api_version);
        exactly(root, "kind", "Bundle");
        out.name = model::BundleName(label(root, "name"));
        out.version =
            checked(root, "version", is_version, "1 to 64 letters, digits, '.', '-', '_' and '+': 1.4.0");
        out.tenant = model::TenantName(label(root, "tenant"));
        if (root.find("description") != nullptr) out.description = text(root, "description", longest_text);
        out.application = text(root, "application", bundle_path_limit);
        if (const auto fault = fault_of_bundle_path(out.application);
            !out.application.empty() && !fault.empty())
            refuse(root.find("application")->at, "application: " + fault,
                   "a path in the bundle: bin/collector");
        each(root, "arguments", Kind::list, most_arguments, [&](const Node& node) {
            if (const auto argument = line(node, "an argument", longest_text))
                out.arguments.push_back(*argument);
        });
        read_memory(root, out.memory);
        each(root, "config", Kind::map, most_settings, [&](const Node& node) {
            if (!is_setting_key(node.key))
                refuse(node.key_at, "'" + printable(node.key, 64) + "' can't be the name of a setting",
                       "a letter, then letters, digits and '_', at most 63");
            if (const auto meaning = line(node, "the meaning of a setting", longest_text))
                out.config.emplace(node.key, *meaning);
        });
        return out;
    }

    Errors take() && { return std::move(errors_); }

  private:
    void refuse(yaml::Mark at, std::string what, std::string wanted = {}, std::string mend = {}) {
        if (errors_.size() < yaml::most_errors)
            errors_.push_back({Code::invalid, std::move(what), yaml::place(file_name_, at), std::move(wanted),
                               std::move(mend)});
    }

    void check_key(const Node& child) {
        if (std::ranges::find(known_keys, child.key) != known_keys.end()) return;
        const std::string meant = nearest(child.key, known_keys);
        refuse(child.key_at, "unknown key '" + printable(child.key, 64) + "'", {},
               meant.empty() ? "remove it" : "write " + meant);
    }

    std::optional<std::string> line(const Node& node, const std::string& called, std::size_t limit) {
        if (node.kind == Kind::scalar && node.text.size() <= limit &&
            printable(node.text, limit) == node.text)
            return node.text;
        refuse(node.at, called + " can't be " + printable(yaml::describe(node), 80),
               "one line of text, at most " + std::to_string(limit) + " bytes");
        return std::nullopt;
    }

    // Required; empty if it is told already that it is wrong.
    std::string text(const Node& root, std::string_view key, std::size_t limit) {
        const Node* node = root.find(key);
        if (node == nullptr || node->kind == Kind::null ||
            (node->kind == Kind::scalar && node->text.empty())) {
            refuse(node == nullptr ? root.at : node->at, std::string(key) + " is missing");
            return {};
        }
        return line(*node, std::string(key), limit).value_or("");
    }

    void exactly(const Node& root, std::string_view key, std::string_view wanted) {
        const std::string value = text(root, key, longest_text);
        if (!value.empty() && value != wanted)
            refuse(root.find(key)->at, std::string(key) + " is '" + printable(value, 64) + "'",
                   std::string(wanted));
    }

    template <class Good>
    std::string checked(const Node& root, std::string_view key, const Good& good, std::string wanted) {
        std::string value = text(root, key, longest_text);
        if (!value.empty() && !good(value))
            refuse(root.find(key)->at, std::string(key) + " is '" + printable(value, 64) + "'",
                   std::move(wanted));
        return value;
    }

    std::string label(const Node& root, std::string_view key) {
        return checked(
            root, key, [](std::string_view value) { return is_label(value); },
            "a label: a-z, 0-9 and '-', at most 63");
    }

    template <class Take>
    void each(const Node& root, std::string_view key, Kind kind, std::size_t most, const Take& take) {
        const Node* node = root.find(key);
        if (node == nullptr || node->kind == Kind::null) return;
        if (node->kind != kind)
            return refuse(node->at, std::string(key) + " can't be " + printable(yaml::describe(*node), 80),
                          kind == Kind::list ? "a list" : "a map");
        if (node->children.size() > most)
            return refuse(node->at,
                          std::string(key) + " has " + std::to_string(node->children.size()) + " entries",
                          "at most " + std::to_string(most));
        for (const auto& child : node->children) take(child);
    }

    void read_memory(const Node& root, Bytes& memory) {
        const Node* node = root.find("memory");
        if (node == nullptr || node->kind == Kind::null) return;
        const auto parsed = parse_bytes(node->text);
        if (node->kind == Kind::scalar && parsed)
            memory = *parsed;
        else
            refuse(node->at, parsed ? "memory can't be " + yaml::describe(*node) : parsed.error().what,
                   "a size with a unit: 128MiB");
    }

    std::string file_name_;
    Errors errors_;
};

}  // namespace

std::expected<BundleDocument, Errors> read_bundle_document(std::string_view yaml,
                                                           std::string_view file_name) {
    if (yaml.size() > bundle_document_limit)
        return std::unexpected(Errors{{Code::invalid,
                                       "has " + std::to_string(yaml.size()) + " bytes",
                                       std::string(file_name),
                                       "at most 64 KiB",
                                       {}}});
    const auto root = yaml::parse(yaml, file_name);
    if (!root) return std::unexpected(root.error());
    Reader reader(file_name);
    auto document = reader.document(*root);
    if (auto errors = std::move(reader).take(); !errors.empty()) return std::unexpected(std::move(errors));
    return document;
}

std::string fault_of_bundle_path(std::string_view path) {
    const std::string shown = "'" + printable(path, 120) + "'";
    if (path.empty()) return "an empty path";
    if (path.size() > bundle_path_limit)
        return "the path " + shown + " has " + std::to_string(path.size()) + " bytes, more than " +
               std::to_string(bundle_path_limit);
    if (path.starts_with('/')) return "the path " + shown + " is absolute";
    if (printable(path, path.size()) != path || path.find('\\') != std::string_view::npos)
        return "the path " + shown + " has characters that no path should have";
    for (const auto& part : split_text(path, '/')) {
        if (part == "..") return "the path " + shown + " leads out of the bundle";
        if (part.empty() || part == ".") return "the path " + shown + " has an empty part or '.'";
    }
    return {};
}

}  // namespace bulkhead::images
